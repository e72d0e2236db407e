"""The files of an opinion by an index: who looks what was finished without output asks for each opinion."""

from __future__ import annotations

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_document_file_opinion_id"), "document_file", ["opinion_id"], unique=False)
