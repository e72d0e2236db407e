"""Comment requests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comment_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("remind_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("listed_at", sa.BigInteger(), nullable=True),
        sa.Column("message_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_root", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_comment_request_agency_id")),
        sa.ForeignKeyConstraint(["asker_id"], ["principal.id"], name=op.f("fk_comment_request_asker_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_comment_request_case_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_comment_request_message_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_request")),
    )
    op.create_index(op.f("ix_comment_request_asker_id"), "comment_request", ["asker_id"], unique=False)
    op.create_index(op.f("ix_comment_request_case_id"), "comment_request", ["case_id"], unique=False)
    op.create_index(op.f("ix_comment_request_state_due_at"), "comment_request", ["state", "due_at"], unique=False)
    op.create_table(
        "comment_invitee",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("principal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("warned_at", sa.BigInteger(), nullable=True),
        sa.Column("overdue_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_comment_invitee_principal_id")),
        sa.ForeignKeyConstraint(["request_id"], ["comment_request.id"], name=op.f("fk_comment_invitee_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_invitee")),
        sa.UniqueConstraint("message_id", name=op.f("uq_comment_invitee_message_id")),
        sa.UniqueConstraint("request_id", "principal_id", name=op.f("uq_comment_invitee_request_id_principal_id")),
        sa.UniqueConstraint("token", name=op.f("uq_comment_invitee_token")),
    )
    op.create_index(op.f("ix_comment_invitee_principal_id"), "comment_invitee", ["principal_id"], unique=False)
    op.create_table(
        "comment_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invitee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("message_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["principal.id"], name=op.f("fk_comment_answer_author_id")),
        sa.ForeignKeyConstraint(["invitee_id"], ["comment_invitee.id"], name=op.f("fk_comment_answer_invitee_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_comment_answer_message_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_answer")),
    )
    op.create_index(op.f("ix_comment_answer_invitee_id"), "comment_answer", ["invitee_id"], unique=False)
