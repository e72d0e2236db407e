"""The header fields that clients list mail by, apart. `vanthu reindex` fills them in for messages already there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("listed_fields", sa.LargeBinary(), nullable=True))
