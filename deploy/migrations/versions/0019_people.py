"""From where people sign in, who asks for a new password, what an app password opens, and who is away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("credential", sa.Column("doors", sa.String(length=40), server_default="", nullable=False))
    op.create_table(
        "sign_in",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("door", sa.String(length=12), nullable=False),
        sa.Column("network", sa.String(length=60), nullable=False),
        sa.Column("client", sa.String(length=100), nullable=False),
        sa.Column("remote", sa.String(length=60), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_sign_in_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint(
            "principal_id", "door", "network", "client", name=op.f("uq_sign_in_principal_id_door_network_client")
        ),
    )
    op.create_table(
        "reset_request",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("remote", sa.String(length=60), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_id", BIG_ID, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["principal.id"], name=op.f("fk_reset_request_answered_by_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_reset_request_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_request")),
    )
    op.create_index(
        op.f("ix_reset_request_principal_id_answered_at"),
        "reset_request",
        ["principal_id", "answered_at"],
        unique=False,
    )
    op.create_table(
        "absence",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("deputy_id", BIG_ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["deputy_id"], ["principal.id"], name=op.f("fk_absence_deputy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_deputy_id_ends_on"), "absence", ["deputy_id", "ends_on"], unique=False)
    op.create_index(op.f("ix_absence_person_id_ends_on"), "absence", ["person_id", "ends_on"], unique=False)
    op.create_table(
        "absence_answer",
        sa.Column("absence_id", BIG_ID, nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_absence_answer_absence_id")),
        sa.PrimaryKeyConstraint("absence_id", "sender", name=op.f("pk_absence_answer")),
    )
