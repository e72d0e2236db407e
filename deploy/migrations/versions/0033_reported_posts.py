"""Posts in shared folders that were reported: their cases, what was done, and what is hidden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "board_hidden",
        sa.Column("message_pk", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("internal_date", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_board_hidden_folder_id")),
        sa.PrimaryKeyConstraint("message_pk", name=op.f("pk_board_hidden")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "board_case",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("author_id", BIG_ID, nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_board_case_agency_id")),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_board_case_folder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_case")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_board_case_agency_id_state"), "board_case", ["agency_id", "state"], unique=False)
    op.create_index(op.f("ix_board_case_folder_id_message_pk"), "board_case", ["folder_id", "message_pk"], unique=True)
    op.create_table(
        "board_case_act",
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["board_case.id"], name=op.f("fk_board_case_act_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_board_case_act")),
        sqlite_with_rowid=False,
    )
