"""IMAP capabilities kept from single accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "capability_mask",
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("capability", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_capability_mask_principal_id")),
        sa.PrimaryKeyConstraint("principal_id", "capability", name=op.f("pk_capability_mask")),
    )
