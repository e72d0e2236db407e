"""The queue of outgoing mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "outbound_message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=True),
        sa.Column("queue_id", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("envid", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ret", sa.String(length=4), server_default="", nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("agency_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_outbound_message_message_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_message")),
        sqlite_autoincrement=True,
    )
    for column in ("finished_at", "message_id", "message_pk"):
        op.create_index(op.f(f"ix_outbound_message_{column}"), "outbound_message", [column], unique=False)
    op.create_table(
        "outbound_recipient",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("outbound_id", BIG_ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("destination", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("last_code", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("last_status", sa.String(length=12), server_default="", nullable=False),
        sa.Column("last_answer", sa.Text(), server_default="", nullable=False),
        sa.Column("last_host", sa.String(length=255), server_default="", nullable=False),
        sa.Column("notify", sa.String(length=30), server_default="", nullable=False),
        sa.Column("orcpt", sa.Text(), server_default="", nullable=False),
        sa.Column("delay_told", sa.Boolean(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_message.id"], name=op.f("fk_outbound_recipient_outbound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_recipient")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbound_recipient_outbound_id"), "outbound_recipient", ["outbound_id"], unique=False)
    op.create_index(
        "ix_outbound_recipient_open",
        "outbound_recipient",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "outbound_step",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("outbound_id", BIG_ID, nullable=False),
        sa.Column("recipient_id", BIG_ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("host", sa.String(length=255), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["outbound_id"], ["outbound_message.id"], name=op.f("fk_outbound_step_outbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbound_step_outbound_id_id"), "outbound_step", ["outbound_id", "id"], unique=False)
