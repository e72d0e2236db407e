"""Mail under the address of a collected mailbox goes out by its own server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "external_identity",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_external_identity_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("address", name=op.f("uq_external_identity_address")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_external_identity_principal_id"), "external_identity", ["principal_id"], unique=False)
    op.create_table(
        "collector_sending",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("identity_id", BIG_ID, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=12), nullable=False),
        sa.Column("login", sa.String(length=320), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["collector_account.id"], name=op.f("fk_collector_sending_account_id")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["external_identity.id"], name=op.f("fk_collector_sending_identity_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_collector_sending")),
        sa.UniqueConstraint("identity_id", name=op.f("uq_collector_sending_identity_id")),
    )
