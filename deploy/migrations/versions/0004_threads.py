"""What SORT and THREAD need of a message. `vanthu reindex` fills it in for messages already there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("recipient", sa.Text(), server_default="", nullable=False))
    op.add_column("message", sa.Column("ancestry", sa.LargeBinary(), nullable=True))
