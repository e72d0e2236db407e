"""Retention, holds, and what was removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "retention_letter",
        sa.Column("principal_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal_id", "kind", name=op.f("pk_retention_letter")),
    )
    op.create_table(
        "removed_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("folder_name", sa.String(length=1000), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("internal_date", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_removed_entry_message_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_removed_entry_message_pk"), "removed_entry", ["message_pk"], unique=False)
    op.create_index(op.f("ix_removed_entry_owner_id_id"), "removed_entry", ["owner_id", "id"], unique=False)
    op.create_index(op.f("ix_removed_entry_removed_at"), "removed_entry", ["removed_at"], unique=False)
    op.create_table(
        "retention_item",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("class", sa.String(length=12), nullable=False),
        sa.Column("told_id", BIG_ID, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("office_told_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_id", BIG_ID, nullable=True),
        sa.Column("asked_until", sa.BigInteger(), nullable=True),
        sa.Column("asked_why", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("extended_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_retention_item_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_item")),
        sa.UniqueConstraint("folder_id", "uid", name=op.f("uq_retention_item_folder_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_retention_item_agency_id_due_at"), "retention_item", ["agency_id", "due_at"], unique=False)
    op.create_index(op.f("ix_retention_item_owner_id"), "retention_item", ["owner_id"], unique=False)
    op.create_index(op.f("ix_retention_item_told_id"), "retention_item", ["told_id"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=True),
        sa.Column("message_pk", BIG_ID, nullable=True),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_legal_hold_agency_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["principal.id"], name=op.f("fk_legal_hold_created_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["principal.id"], name=op.f("fk_legal_hold_ended_by_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_legal_hold_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_legal_hold_agency_id"), "legal_hold", ["agency_id"], unique=False)
    op.create_index(op.f("ix_legal_hold_message_pk"), "legal_hold", ["message_pk"], unique=False)
