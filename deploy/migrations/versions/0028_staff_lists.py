"""Lists of staff that were brought in by the browser, and what people ask to have changed in the directory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "staff_list",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("approval", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("handed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_staff_list_agency_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["principal.id"], name=op.f("fk_staff_list_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_list")),
    )
    op.create_index(op.f("ix_staff_list_agency_id"), "staff_list", ["agency_id"], unique=False)
    op.create_table(
        "staff_list_row",
        sa.Column("list_id", BIG_ID, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["staff_list.id"], name=op.f("fk_staff_list_row_list_id")),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_staff_list_row_person_id")),
        sa.PrimaryKeyConstraint("list_id", "place", name=op.f("pk_staff_list_row")),
    )
    op.create_table(
        "change_request",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_id", BIG_ID, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["principal.id"], name=op.f("fk_change_request_answered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_change_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_request")),
    )
    op.create_index(
        op.f("ix_change_request_person_id_answered_at"), "change_request", ["person_id", "answered_at"], unique=False
    )
