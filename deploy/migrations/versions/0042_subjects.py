"""The folded subjects of messages beside their numbers, for SEARCH SUBJECT on SQLite."""

from __future__ import annotations

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_message_subject_folded", "message", ["id", "subject_folded"], unique=False)
