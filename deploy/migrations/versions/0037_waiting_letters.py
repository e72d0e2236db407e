"""Letters that may still be taken back, and how long each person's wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "waiting_letter",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("writer_id", BIG_ID, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("confirmed", sa.JSON(), nullable=False),
        sa.Column("remote", sa.String(length=45), nullable=False),
        sa.Column("draft", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.String(length=40), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_waiting_letter_message_pk")),
        sa.ForeignKeyConstraint(["writer_id"], ["principal.id"], name=op.f("fk_waiting_letter_writer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_letter")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_waiting_letter_due_at"), "waiting_letter", ["due_at"], unique=False)
    op.create_index(op.f("ix_waiting_letter_writer_id"), "waiting_letter", ["writer_id"], unique=False)
    op.create_table(
        "undo_choice",
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("seconds", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_undo_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_undo_choice")),
    )
