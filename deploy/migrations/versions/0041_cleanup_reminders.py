"""Who wants the monthly letter about mail that could be deleted, and when a mailbox was last looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# INTEGER gives SQLite its row ids.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cleanup_reminder",
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("wanted", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("month", sa.String(length=7), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["principal.id"], name=op.f("fk_cleanup_reminder_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_cleanup_reminder")),
    )
