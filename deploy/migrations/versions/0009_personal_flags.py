"""Flags of each reader's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("folder", sa.Column("personal", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "mailbox_settings",
        sa.Column("owner_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("personal_flags", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_mailbox_settings")),
    )
    op.create_table(
        "personal_flag",
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("reader_id", BIG_ID, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_personal_flag_folder_id")),
        sa.PrimaryKeyConstraint("folder_id", "reader_id", "uid", name=op.f("pk_personal_flag")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_personal_flag_folder_id_reader_id_modseq"),
        "personal_flag",
        ["folder_id", "reader_id", "modseq"],
        unique=False,
    )
