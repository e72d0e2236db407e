"""Whose calendar a shared folder is, and the months whose schedules were asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("board", sa.Column("keeper_id", BIG_ID, nullable=True))
    op.create_table(
        "board_reminder",
        sa.Column("folder_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_board_reminder_folder_id")),
        sa.PrimaryKeyConstraint("folder_id", "month", name=op.f("pk_board_reminder")),
        sqlite_with_rowid=False,
    )
