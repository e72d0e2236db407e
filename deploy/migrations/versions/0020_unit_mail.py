"""Mail of units has a state and an owner; delegations may need leave; where copies of sent mail go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "team_mail",
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("message_pk", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("handler_id", BIG_ID, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by_id", BIG_ID, nullable=True),
        sa.Column("came_folder_id", BIG_ID, nullable=True),
        sa.Column("came_uid", sa.BigInteger(), nullable=True),
        sa.Column("alarmed", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["handler_id"], ["principal.id"], name=op.f("fk_team_mail_handler_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_team_mail_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "message_pk", name=op.f("pk_team_mail")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_team_mail_came_folder_id_came_uid"), "team_mail", ["came_folder_id", "came_uid"], unique=False
    )
    op.create_index(op.f("ix_team_mail_message_pk"), "team_mail", ["message_pk"], unique=False)
    op.create_table(
        "team_viewer",
        sa.Column("owner_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("message_pk", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "message_pk", "person_id", name=op.f("pk_team_viewer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delegation",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("grantee_id", BIG_ID, nullable=False),
        sa.Column("rights", sa.String(length=100), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_id", BIG_ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["principal.id"], name=op.f("fk_delegation_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["principal.id"], name=op.f("fk_delegation_decided_by_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["mailbox_grant.id"], name=op.f("fk_delegation_grant_id")),
        sa.ForeignKeyConstraint(["grantee_id"], ["principal.id"], name=op.f("fk_delegation_grantee_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_delegation_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_delegation_owner_id"), "delegation", ["owner_id"], unique=False)
    op.create_index(op.f("ix_delegation_state"), "delegation", ["state"], unique=False)
    op.add_column(
        "mailbox_settings", sa.Column("sent_copy", sa.String(length=8), server_default="sender", nullable=False)
    )
