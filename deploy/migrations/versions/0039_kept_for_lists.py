"""Of kept letters, which recipients get them by which distribution lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kept_message", sa.Column("lists", sa.JSON(), server_default="[]", nullable=False))
