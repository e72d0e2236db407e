"""What a folder has forgotten of entries that went away, and when each of them went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("folder", sa.Column("forgotten_modseq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("tombstone", sa.Column("at", sa.BigInteger(), server_default="0", nullable=False))
