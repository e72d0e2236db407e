"""Redirects of mailboxes to addresses elsewhere, and the senders under which their mail leaves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "srs_sender",
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_srs_sender")),
        sa.UniqueConstraint("sender", name=op.f("uq_srs_sender_sender")),
    )
    op.create_table(
        "srs_key",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_srs_key_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_srs_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_srs_key_agency_id"), "srs_key", ["agency_id"], unique=False)
    op.create_table(
        "mail_redirect",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by_id", BIG_ID, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_by_id", BIG_ID, nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_mail_redirect_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_redirect")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mail_redirect_owner_id_state"), "mail_redirect", ["owner_id", "state"], unique=False)
    op.create_table(
        "redirect_note",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("redirect_id", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("author", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["redirect_id"], ["mail_redirect.id"], name=op.f("fk_redirect_note_redirect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redirect_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_redirect_note_redirect_id"), "redirect_note", ["redirect_id"], unique=False)
    op.add_column("outbound_message", sa.Column("redirect_id", BIG_ID, nullable=True))
