"""The tables of letters that may still be taken back.

Invariants: the message of a row is pinned (`message.pins`). Whoever deletes the row decides what becomes of the letter:
who sends it does so in the same transaction, so it is sent once or taken back, never both.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, SmallInteger, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

waiting_letter = Table(
    "waiting_letter",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("writer_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    Column("due_at", UtcTime, nullable=False, index=True),
    # What is sent, as it was composed.
    Column("message_pk", BigId, ForeignKey("message.id"), nullable=False),
    Column("message_id", String(255), nullable=False),
    # The envelope.
    Column("sender", String(320), nullable=False),
    Column("recipients", JSON, nullable=False),
    # Names of the rules whose warnings the writer has seen.
    Column("confirmed", JSON, nullable=False),
    # Address of the writer's browser.
    Column("remote", String(45), nullable=False),
    # Of the form: "folder.uid" of the draft, of the draft with original files, of the message that is answered;
    # numbers of the files that it links to.
    Column("draft", String(40), nullable=False),
    Column("before", String(40), nullable=False),
    Column("answers", String(40), nullable=False),
    Column("links", Text, nullable=False),
    # A number is in a form: it must not come again.
    sqlite_autoincrement=True,
)

# How long a person's letters wait; no row: they go at once.
undo_choice = Table(
    "undo_choice",
    metadata,
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True, autoincrement=False),
    Column("seconds", SmallInteger, nullable=False),
)
