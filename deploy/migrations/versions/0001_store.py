"""The store: folders, messages, blobs, events, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids and AUTOINCREMENT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("on_behalf_of_id", BIG_ID, nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_owner_id_id"), "audit", ["owner_id", "id"], unique=False)
    op.create_table(
        "blob",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_size", sa.BigInteger(), nullable=False),
        sa.Column("refs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("orphaned_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blob")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor_id", BIG_ID, nullable=True),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("folder_id", BIG_ID, nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_txid_id"), "event", ["txid", "id"], unique=False, sqlite_where=sa.text("txid > 0"))
    op.create_table(
        "event_cursor",
        sa.Column("reader", sa.String(length=60), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("txid", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_event_cursor")),
    )
    op.create_table(
        "folder",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uidnext", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("highestmodseq", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("recent_from", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unseen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("special_use", sa.String(length=20), nullable=True),
        sa.Column("behaviour", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_folder_owner_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("decoded_size", sa.BigInteger(), nullable=False),
        sa.Column("header_size", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("bodystructure", sa.LargeBinary(), nullable=False),
        sa.Column("structure", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_folded", sa.Text(), nullable=False),
        sa.Column("base_subject", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("from_folded", sa.Text(), nullable=False),
        sa.Column("to_folded", sa.Text(), nullable=False),
        sa.Column("cc_folded", sa.Text(), nullable=False),
        sa.Column("bcc_folded", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("attachments", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("preview", sa.Text(), server_default="", nullable=False),
        sa.Column("pins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_message_id"), "message", ["message_id"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("principal_id", "name", name=op.f("pk_subscription")),
    )
    op.create_table(
        "uidvalidity_counter",
        sa.Column("owner_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_uidvalidity_counter")),
    )
    op.create_table(
        "entry",
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("keywords", sa.Text(), server_default="", nullable=False),
        sa.Column("internal_date", sa.BigInteger(), nullable=False),
        sa.Column("save_date", sa.BigInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_entry_folder_id")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_entry_message_pk")),
        sa.PrimaryKeyConstraint("folder_id", "uid", name=op.f("pk_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_entry_folder_id_modseq"), "entry", ["folder_id", "modseq"], unique=False)
    op.create_index(op.f("ix_entry_message_pk"), "entry", ["message_pk"], unique=False)
    op.create_table(
        "message_segment",
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("blob_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("codec", sa.String(length=12), server_default="raw", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["blob_digest"], ["blob.digest"], name=op.f("fk_message_segment_blob_digest")),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_message_segment_message_pk")),
        sa.PrimaryKeyConstraint("message_pk", "position", name=op.f("pk_message_segment")),
    )
    op.create_index(
        "ix_message_segment_blob_digest",
        "message_segment",
        ["blob_digest"],
        unique=False,
        sqlite_where=sa.text("blob_digest IS NOT NULL"),
        postgresql_where=sa.text("blob_digest IS NOT NULL"),
    )
    op.create_table(
        "message_text",
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_message_text_message_pk")),
        sa.PrimaryKeyConstraint("message_pk", name=op.f("pk_message_text")),
    )
    op.create_index(
        "ix_message_text_waiting",
        "message_text",
        ["message_pk"],
        unique=False,
        sqlite_where=sa.text("NOT complete"),
        postgresql_where=sa.text("NOT complete"),
    )
    op.create_table(
        "orphan_candidate",
        sa.Column("message_pk", BIG_ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message_pk"], ["message.id"], name=op.f("fk_orphan_candidate_message_pk")),
        sa.PrimaryKeyConstraint("message_pk", name=op.f("pk_orphan_candidate")),
    )
    op.create_table(
        "tombstone",
        sa.Column("folder_id", BIG_ID, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_tombstone_folder_id")),
        sa.PrimaryKeyConstraint("folder_id", "uid", name=op.f("pk_tombstone")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_tombstone_folder_id_modseq"), "tombstone", ["folder_id", "modseq"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE message_fts USING fts5(head, body, content='message_text',"
            " content_rowid='message_pk', tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute(
            "ALTER TABLE message_text ADD COLUMN lexemes tsvector GENERATED ALWAYS AS"
            " (array_to_tsvector(array_remove(string_to_array(head || ' ' || body, ' '), ''))) STORED"
        )
        op.execute("CREATE INDEX ix_message_text_lexemes ON message_text USING gin (lexemes)")
