"""Distribution lists: who may post, who answers for them, members elsewhere, and what a unit stands for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("membership", sa.Column("reach", sa.String(length=12), server_default="mailbox", nullable=False))
    op.create_table(
        "mailing_list",
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("posting", sa.String(length=12), nullable=False),
        sa.Column("moderated", sa.Boolean(), nullable=False),
        sa.Column("size_limit", sa.BigInteger(), nullable=False),
        sa.Column("reply_to", sa.String(length=12), nullable=False),
        sa.Column("shown_to", sa.String(length=12), nullable=False),
        sa.Column("may_leave", sa.Boolean(), nullable=False),
        sa.Column("takes_outside", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["principal.id"], name=op.f("fk_mailing_list_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_mailing_list")),
    )
    op.create_table(
        "mailing_list_role",
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["principal.id"], name=op.f("fk_mailing_list_role_group_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_mailing_list_role_principal_id")),
        sa.PrimaryKeyConstraint("group_id", "principal_id", "role", name=op.f("pk_mailing_list_role")),
    )
    op.create_table(
        "mailing_list_outsider",
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["principal.id"], name=op.f("fk_mailing_list_outsider_group_id")),
        sa.PrimaryKeyConstraint("group_id", "address", name=op.f("pk_mailing_list_outsider")),
    )
