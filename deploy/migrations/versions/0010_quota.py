"""How much mailboxes may hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailbox_settings", sa.Column("octets_limit", sa.BigInteger(), nullable=True))
    op.add_column("mailbox_settings", sa.Column("messages_limit", sa.BigInteger(), nullable=True))
    op.add_column("mailbox_settings", sa.Column("members_octets_limit", sa.BigInteger(), nullable=True))
    op.add_column("mailbox_settings", sa.Column("members_messages_limit", sa.BigInteger(), nullable=True))
