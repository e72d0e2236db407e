"""The tables of what people send.

Invariants:

- A letter that was taken is one row of `sent_letter`, written in the transaction that took it; one that was put off or
  refused has none. Rows older than a day go with the person's next letter.
- Who writes a row holds the lock on the person's row of `sender_state`, so two letters of one person are counted one
  after the other, whatever processes they came through.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from mailserver.store.columns import BigId
from mailserver.store.schema import metadata

sender_state = Table(
    "sender_state",
    metadata,
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True, autoincrement=False),
    # When the administrators were last told of unusual sending, seconds since 1970; 0: never.
    Column("told_at", BigInteger, nullable=False),
)

sent_letter = Table(
    "sent_letter",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("person_id", BigId, ForeignKey("principal.id"), nullable=False),
    # Seconds since 1970.
    Column("at", BigInteger, nullable=False),
    # Of the envelope, and how many of them were new then.
    Column("recipients", Integer, nullable=False),
    Column("fresh", Integer, nullable=False),
    Index(None, "person_id", "at"),
)

# To whom outside a person has written.
written_to = Table(
    "written_to",
    metadata,
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True, autoincrement=False),
    # As `mailserver.directory.addresses.lookup_key` has it, cut at 320 characters.
    Column("address", String(320), primary_key=True),
    sqlite_with_rowid=False,
)
