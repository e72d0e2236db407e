"""Who leaves the agency, and what was handed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("absence", sa.Column("cause", sa.String(length=12), server_default="leave", nullable=False))
    op.create_table(
        "departure",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("successor_id", BIG_ID, nullable=True),
        sa.Column("approval", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["principal.id"], name=op.f("fk_departure_created_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_departure_person_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["principal.id"], name=op.f("fk_departure_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
    )
    op.create_index(op.f("ix_departure_person_id"), "departure", ["person_id"], unique=False)
