"""Inspections by order, and a guard of the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GUARD = {
    "sqlite": (
        "CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'records of the audit are never changed'); END",
        "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'records of the audit are never removed'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'records of the audit are never changed or removed'; END $$",
        "CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "inspection_order",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=100), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("folders", sa.JSON(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ordered_by_id", BIG_ID, nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("tell_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_inspection_order_agency_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["principal.id"], name=op.f("fk_inspection_order_decided_by_id")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["principal.id"], name=op.f("fk_inspection_order_ordered_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_inspection_order_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_order")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inspection_order_owner_id"), "inspection_order", ["owner_id"], unique=False)
    op.create_index(op.f("ix_inspection_order_state"), "inspection_order", ["state"], unique=False)
    op.create_table(
        "inspection_inspector",
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["inspection_order.id"], name=op.f("fk_inspection_inspector_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_inspection_inspector_person_id")),
        sa.PrimaryKeyConstraint("order_id", "person_id", name=op.f("pk_inspection_inspector")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inspection_inspector_person_id"), "inspection_inspector", ["person_id"], unique=False)
    op.create_table(
        "inspection_item",
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("folder", sa.String(length=1000), nullable=False),
        sa.Column("internal_date", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["inspection_order.id"], name=op.f("fk_inspection_item_order_id")),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_inspection_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_inspection_item_order_id_message_pk"), "inspection_item", ["order_id", "message_pk"], unique=True
    )
    for statement in GUARD[op.get_bind().dialect.name]:
        op.execute(statement)
