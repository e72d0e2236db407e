"""The keys that sign mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dkim_key",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("selector", sa.String(length=63), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("active_since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["domain"], ["domain.name"], name=op.f("fk_dkim_key_domain")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dkim_key")),
        sa.UniqueConstraint("domain", "selector", name=op.f("uq_dkim_key_domain_selector")),
    )
