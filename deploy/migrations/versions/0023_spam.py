"""What the classifier of unwanted mail has learned, from what, and what it found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "spam_scope",
        sa.Column("scope_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("ham", sa.Integer(), nullable=False),
        sa.Column("spam", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope_id", name=op.f("pk_spam_scope")),
    )
    op.create_table(
        "spam_feature",
        sa.Column("scope_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("feature", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ham", sa.Integer(), nullable=False),
        sa.Column("spam", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope_id", "feature", name=op.f("pk_spam_feature")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spam_lesson",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("wish", sa.String(length=4), nullable=False),
        sa.Column("learned", sa.String(length=4), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spam_lesson")),
        sa.UniqueConstraint("owner_id", "message_pk", name=op.f("uq_spam_lesson_owner_id_message_pk")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_spam_lesson_message_pk"), "spam_lesson", ["message_pk"], unique=False)
    op.create_index(
        "ix_spam_lesson_waiting",
        "spam_lesson",
        ["id"],
        unique=False,
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_table(
        "spam_arrival",
        sa.Column("message_pk", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("owner_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_pk", "owner_id", name=op.f("pk_spam_arrival")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spam_judgement",
        sa.Column("message_pk", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("owner_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_pk", "owner_id", name=op.f("pk_spam_judgement")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spam_sender",
        sa.Column("agency_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("address", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("written_to", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "address", name=op.f("pk_spam_sender")),
        sqlite_with_rowid=False,
    )
