"""Envelopes that are handed over unopened, and numbers of a paper book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "envelope",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("secrecy", sa.SmallInteger(), nullable=False),
        sa.Column("addressee_id", BIG_ID, nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("entered_by_id", BIG_ID, nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by_id", BIG_ID, nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["addressee_id"], ["principal.id"], name=op.f("fk_envelope_addressee_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_envelope_agency_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["principal.id"], name=op.f("fk_envelope_entered_by_id")),
        sa.ForeignKeyConstraint(["received_by_id"], ["principal.id"], name=op.f("fk_envelope_received_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_envelope_addressee_id"), "envelope", ["addressee_id"], unique=False)
    op.create_index(op.f("ix_envelope_agency_id_id"), "envelope", ["agency_id", "id"], unique=False)
    op.create_table(
        "external_range",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("book", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("declared_by_id", BIG_ID, nullable=False),
        sa.Column("declared_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_external_range_agency_id")),
        sa.ForeignKeyConstraint(["declared_by_id"], ["principal.id"], name=op.f("fk_external_range_declared_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_range")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_external_range_agency_id_year"), "external_range", ["agency_id", "year"], unique=False)
