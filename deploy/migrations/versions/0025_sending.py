"""How much people send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sender_state",
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_sender_state_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_sender_state")),
    )
    op.create_table(
        "sent_letter",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_sent_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_letter")),
    )
    op.create_index(op.f("ix_sent_letter_person_id_at"), "sent_letter", ["person_id", "at"], unique=False)
    op.create_table(
        "written_to",
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_written_to_person_id")),
        sa.PrimaryKeyConstraint("person_id", "address", name=op.f("pk_written_to")),
        sqlite_with_rowid=False,
    )
