"""Folders that a delegation of a mailbox leaves out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("mailbox_grant", "delegation"):
        op.add_column(table, sa.Column("closed_folders", sa.Text(), server_default="", nullable=False))
