"""Small files by their content; `vanthu reindex` adds those of older messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "message_file",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_message_file_message_pk")),
        sa.PrimaryKeyConstraint("digest", "message_pk", name=op.f("pk_message_file")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_message_file_message_pk"), "message_file", ["message_pk"], unique=False)
