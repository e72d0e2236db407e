"""Questions to original senders whose mail somebody passes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("held_id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("forwarder_id", BIG_ID, nullable=False),
        sa.Column("author", sa.String(length=320), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("readers", sa.Text(), nullable=False),
        sa.Column("letter_subject", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_id", BIG_ID, nullable=True),
        sa.Column("answered_by", sa.String(length=12), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_consent_agency_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["principal.id"], name=op.f("fk_consent_answered_by_id")),
        sa.ForeignKeyConstraint(["forwarder_id"], ["principal.id"], name=op.f("fk_consent_forwarder_id")),
        sa.ForeignKeyConstraint(["held_id"], ["kept_message.id"], name=op.f("fk_consent_held_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_consent_token_hash")),
    )
    op.create_index(op.f("ix_consent_forwarder_id"), "consent", ["forwarder_id"], unique=False)
    op.create_index(op.f("ix_consent_held_id"), "consent", ["held_id"], unique=False)
    op.create_index(op.f("ix_consent_state_until"), "consent", ["state", "until"], unique=False)
