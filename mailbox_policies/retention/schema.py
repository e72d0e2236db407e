"""The tables of retention.

Invariants:

- `retention_item` is a list made from what lies in the folders: a row whose entry is gone, or is not due any more,
  goes with the next run. A row that was told of stays until then, so nobody is told twice.
- A hold of kind "message" that has not ended pins its message (`message.pins`).
- `legal_hold` rows are never deleted: they say what was kept under which order.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

retention_item = Table(
    "retention_item",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # Whose mailbox the entry is in.
    Column("owner_id", BigId, nullable=False),
    Column("folder_id", BigId, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_pk", BigId, nullable=False),
    # schedule | notice | comments | junk | trash
    Column("class", String(12), nullable=False),
    # Who is told, and may ask for more time: who posted it, or the mailbox.
    Column("told_id", BigId, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("listed_at", UtcTime, nullable=False),
    # When `told_id` was sent the list that it is on; and the administrators theirs.
    Column("told_at", UtcTime),
    Column("office_told_at", UtcTime),
    # The last request for more time: who asks, until when, why; and what was decided on it.
    Column("asked_at", UtcTime),
    Column("asked_by_id", BigId),
    Column("asked_until", UtcTime),
    Column("asked_why", Text),
    Column("decided_at", UtcTime),
    Column("decided_by_id", BigId),
    # It stays at least so long.
    Column("extended_until", UtcTime),
    UniqueConstraint("folder_id", "uid"),
    Index(None, "agency_id", "due_at"),
    Index(None, "told_id"),
    Index(None, "owner_id"),
    sqlite_autoincrement=True,
)

# When somebody was last sent a list: at most one a week.
retention_letter = Table(
    "retention_letter",
    metadata,
    Column("principal_id", BigId, primary_key=True, autoincrement=False),
    # own | office
    Column("kind", String(8), primary_key=True),
    Column("sent_at", UtcTime, nullable=False),
)

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # mailbox | person | message
    Column("kind", String(8), nullable=False),
    # The mailbox, or the person.
    Column("principal_id", BigId, ForeignKey("principal.id")),
    # No foreign key: the row stays when the message has gone, long after.
    Column("message_pk", BigId),
    # What it is, in words that stay when the mailbox has another name: an address, a subject.
    Column("what", String(300), nullable=False),
    Column("reason", Text, nullable=False),
    # NULL: until somebody ends it.
    Column("until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by_id", BigId, ForeignKey("principal.id")),
    Column("ended_at", UtcTime),
    # NULL with ended_at: its time was over.
    Column("ended_by_id", BigId, ForeignKey("principal.id")),
    Index(None, "agency_id"),
    Index(None, "message_pk"),
    sqlite_autoincrement=True,
)
