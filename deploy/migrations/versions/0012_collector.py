"""The collector: mailboxes elsewhere, how far their folders were read, and every message that was met."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "collector_account",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("target", sa.String(length=320), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("login", sa.String(length=320), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("folders", sa.JSON(), nullable=False),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.Column("poll_s", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("collected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_failure_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.String(length=200), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collector_account")),
        sa.UniqueConstraint("host", "login", name=op.f("uq_collector_account_host_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "collector_folder",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["collector_account.id"], name=op.f("fk_collector_folder_account_id")),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_collector_folder")),
    )
    op.create_table(
        "collector_message",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("folder", sa.String(length=1000), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["collector_account.id"], name=op.f("fk_collector_message_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_collector_message")),
    )
    op.create_table(
        "collector_act",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("folder", sa.String(length=1000), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["collector_account.id"], name=op.f("fk_collector_act_account_id")),
        sa.PrimaryKeyConstraint("account_id", "folder", "uidvalidity", "uid", name=op.f("pk_collector_act")),
    )
