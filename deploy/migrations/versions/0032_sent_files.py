"""Files that people hand over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sent_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=12), server_default="", nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=127), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(length=400), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("scanned", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_sent_file_agency_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["principal.id"], name=op.f("fk_sent_file_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_file")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sent_file_owner_id_state"), "sent_file", ["owner_id", "state"], unique=False)
    op.create_index(op.f("ix_sent_file_state_expires_at"), "sent_file", ["state", "expires_at"], unique=False)
    op.create_table(
        "sent_file_piece",
        sa.Column("file_id", BIG_ID, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["blob.digest"], name=op.f("fk_sent_file_piece_digest")),
        sa.ForeignKeyConstraint(["file_id"], ["sent_file.id"], name=op.f("fk_sent_file_piece_file_id")),
        sa.PrimaryKeyConstraint("file_id", "start", name=op.f("pk_sent_file_piece")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sent_file_recipient",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("file_id", BIG_ID, nullable=False),
        sa.Column("principal_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["sent_file.id"], name=op.f("fk_sent_file_recipient_file_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_sent_file_recipient_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_file_recipient")),
    )
    op.create_index(op.f("ix_sent_file_recipient_file_id"), "sent_file_recipient", ["file_id"], unique=False)
    op.create_index(op.f("ix_sent_file_recipient_principal_id"), "sent_file_recipient", ["principal_id"], unique=False)
    op.create_table(
        "sent_file_fetch",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("file_id", BIG_ID, nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("remote", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["sent_file.id"], name=op.f("fk_sent_file_fetch_file_id")),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_sent_file_fetch_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_file_fetch")),
    )
    op.create_index(op.f("ix_sent_file_fetch_file_id"), "sent_file_fetch", ["file_id"], unique=False)
