"""Where deadlines come from, and asking for more time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("document", sa.Column("due_by", sa.String(length=12), server_default="", nullable=False))
    op.add_column("document", sa.Column("procedure", sa.String(length=100), server_default="", nullable=False))
    # What a leader set since is another day than the one that stood on the document.
    op.execute("UPDATE document SET due_by = 'document' WHERE deadline = due_on")
    op.execute("UPDATE document SET due_by = 'leader' WHERE deadline IS NOT NULL AND due_by = ''")
    op.create_table(
        "extension",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("step_id", BIG_ID, nullable=False),
        sa.Column("asked_by_id", BIG_ID, nullable=False),
        sa.Column("asked_for_id", BIG_ID, nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("was_due_on", sa.Date(), nullable=True),
        sa.Column("wanted_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_for_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["principal.id"], name=op.f("fk_extension_asked_by_id")),
        sa.ForeignKeyConstraint(["asked_for_id"], ["principal.id"], name=op.f("fk_extension_asked_for_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["principal.id"], name=op.f("fk_extension_decided_by_id")),
        sa.ForeignKeyConstraint(["decided_for_id"], ["principal.id"], name=op.f("fk_extension_decided_for_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_extension_document_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_extension_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index(op.f("ix_extension_document_id"), "extension", ["document_id"], unique=False)
    op.create_index(op.f("ix_extension_state"), "extension", ["state"], unique=False)
