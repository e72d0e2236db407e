"""Links by which people outside fetch files that are handed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_file_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["sent_file.id"], name=op.f("fk_sent_file_link_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_file_link")),
        sa.UniqueConstraint("file_id", "address", name=op.f("uq_sent_file_link_file_id_address")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sent_file_link_token_hash")),
    )
    op.create_table(
        "sent_file_link_fetch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("remote", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["sent_file_link.id"], name=op.f("fk_sent_file_link_fetch_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_file_link_fetch")),
    )
    op.create_index(op.f("ix_sent_file_link_fetch_link_id"), "sent_file_link_fetch", ["link_id"], unique=False)
    op.add_column("sent_file", sa.Column("message_id", sa.String(length=255), server_default="", nullable=False))
    op.create_index(op.f("ix_sent_file_message_id"), "sent_file", ["message_id"], unique=False)
