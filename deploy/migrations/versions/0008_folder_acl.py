"""Rights on single folders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "folder_acl",
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("grantee_id", BIG_ID, nullable=False),
        sa.Column("rights", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_folder_acl_folder_id")),
        sa.PrimaryKeyConstraint("folder_id", "grantee_id", name=op.f("pk_folder_acl")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_folder_acl_grantee_id"), "folder_acl", ["grantee_id"], unique=False)
