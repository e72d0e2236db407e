"""Routing: registers, documents, steps, opinions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "register",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("book", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next_number", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_register_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register")),
        sa.UniqueConstraint("agency_id", "kind", "book", "year", name=op.f("uq_register_agency_id_kind_book_year")),
    )
    op.create_table(
        "case_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_file_agency_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["principal.id"], name=op.f("fk_case_file_created_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_case_file_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("agency_id", "year", "code", name=op.f("uq_case_file_agency_id_year_code")),
    )
    op.create_index(op.f("ix_case_file_owner_id"), "case_file", ["owner_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("holder_id", BIG_ID, nullable=True),
        sa.Column("stage", sa.SmallInteger(), nullable=True),
        sa.Column("register_id", BIG_ID, nullable=False),
        sa.Column("register_number", sa.Integer(), nullable=False),
        sa.Column("register_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("notation", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("type_name", sa.String(length=100), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("summary_original", sa.String(length=500), nullable=False),
        sa.Column("signer", sa.String(length=50), nullable=False),
        sa.Column("signer_position", sa.String(length=100), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("treatment", sa.String(length=12), nullable=False),
        sa.Column("subject_field", sa.String(length=100), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("code_folded", sa.String(length=60), nullable=False),
        sa.Column("issuer_folded", sa.String(length=200), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=True),
        sa.Column("thread_root", sa.String(length=255), nullable=False),
        sa.Column("registered_by_id", BIG_ID, nullable=True),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_document_agency_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["principal.id"], name=op.f("fk_document_holder_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_document_message_pk")),
        sa.ForeignKeyConstraint(["register_id"], ["register.id"], name=op.f("fk_document_register_id")),
        sa.ForeignKeyConstraint(["registered_by_id"], ["principal.id"], name=op.f("fk_document_registered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("register_id", "register_number", name=op.f("uq_document_register_id_register_number")),
    )
    op.create_index(op.f("ix_document_agency_id_state"), "document", ["agency_id", "state"], unique=False)
    op.create_index(op.f("ix_document_code_folded"), "document", ["code_folded"], unique=False)
    op.create_index(op.f("ix_document_message_pk"), "document", ["message_pk"], unique=False)
    op.create_table(
        "case_file_document",
        sa.Column("case_file_id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("filed_by_id", BIG_ID, nullable=True),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_file_id"], ["case_file.id"], name=op.f("fk_case_file_document_case_file_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_case_file_document_document_id")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["principal.id"], name=op.f("fk_case_file_document_filed_by_id")),
        sa.PrimaryKeyConstraint("case_file_id", "document_id", name=op.f("pk_case_file_document")),
    )
    op.create_index(op.f("ix_case_file_document_document_id"), "case_file_document", ["document_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrected_by_id", BIG_ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["corrected_by_id"], ["principal.id"], name=op.f("fk_correction_corrected_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_correction_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_document_id"), "correction", ["document_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("sender_id", BIG_ID, nullable=True),
        sa.Column("sender_for_id", BIG_ID, nullable=True),
        sa.Column("assignee_id", BIG_ID, nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by_id", BIG_ID, nullable=True),
        sa.Column("close_note", sa.Text(), server_default="", nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=True),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["principal.id"], name=op.f("fk_step_assignee_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["principal.id"], name=op.f("fk_step_closed_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_step_document_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_step_message_pk")),
        sa.ForeignKeyConstraint(["parent_id"], ["step.id"], name=op.f("fk_step_parent_id")),
        sa.ForeignKeyConstraint(["sender_for_id"], ["principal.id"], name=op.f("fk_step_sender_for_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["principal.id"], name=op.f("fk_step_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_assignee_id_state"), "step", ["assignee_id", "state"], unique=False)
    op.create_index(op.f("ix_step_document_id"), "step", ["document_id"], unique=False)
    op.create_index(op.f("ix_step_message_pk"), "step", ["message_pk"], unique=False)
    op.create_index(op.f("ix_step_token"), "step", ["token"], unique=False)
    op.create_index(
        "uq_step_one_main_handler",
        "step",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("role = 'main' AND state = 'pending'"),
        postgresql_where=sa.text("role = 'main' AND state = 'pending'"),
    )
    op.create_table(
        "direction",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=False),
        sa.Column("author_id", BIG_ID, nullable=True),
        sa.Column("on_behalf_of_id", BIG_ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("main_id", BIG_ID, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["principal.id"], name=op.f("fk_direction_author_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_direction_document_id")),
        sa.ForeignKeyConstraint(["main_id"], ["principal.id"], name=op.f("fk_direction_main_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["principal.id"], name=op.f("fk_direction_on_behalf_of_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_direction_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direction")),
    )
    op.create_index(op.f("ix_direction_document_id"), "direction", ["document_id"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("on_behalf_of_id", BIG_ID, nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("from_state", sa.String(length=24), nullable=False),
        sa.Column("to_state", sa.String(length=24), nullable=False),
        sa.Column("target_id", BIG_ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("door", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["principal.id"], name=op.f("fk_history_actor_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_history_document_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["principal.id"], name=op.f("fk_history_on_behalf_of_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_history_step_id")),
        sa.ForeignKeyConstraint(["target_id"], ["principal.id"], name=op.f("fk_history_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_document_id"), "history", ["document_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=True),
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("on_behalf_of_id", BIG_ID, nullable=True),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["principal.id"], name=op.f("fk_opinion_author_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_opinion_document_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_opinion_message_pk")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["principal.id"], name=op.f("fk_opinion_on_behalf_of_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_opinion_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    op.create_index(op.f("ix_opinion_document_id"), "opinion", ["document_id"], unique=False)
    op.create_table(
        "document_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=127), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=True),
        sa.Column("part", sa.String(length=40), nullable=True),
        sa.Column("opinion_id", BIG_ID, nullable=True),
        sa.Column("added_by_id", BIG_ID, nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["principal.id"], name=op.f("fk_document_file_added_by_id")),
        sa.ForeignKeyConstraint(["digest"], ["blob.digest"], name=op.f("fk_document_file_digest")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_file_document_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_document_file_message_pk")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_document_file_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_file")),
    )
    op.create_index(op.f("ix_document_file_document_id"), "document_file", ["document_id"], unique=False)
