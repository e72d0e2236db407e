"""Notes of mail clients on folders and on the server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "annotation",
        sa.Column("folder_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("principal_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("folder_id", "principal_id", "name", name=op.f("pk_annotation")),
        sqlite_with_rowid=False,
    )
