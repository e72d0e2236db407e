"""The tables of redirects. A mailbox has at most one that is asked for, and at most one that stands."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

mail_redirect = Table(
    "mail_redirect",
    metadata,
    Column("id", BigId, primary_key=True),
    # Whose mailbox: a person, post or unit.
    Column("owner_id", BigId, ForeignKey("principal.id"), nullable=False),
    # `records.State`
    Column("state", String(10), nullable=False),
    # Addresses elsewhere, a space between.
    Column("targets", Text, nullable=False),
    # Days of the office, both included.
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    # NULL: at this machine, or (ended) by a new one.
    Column("made_by_id", BigId),
    Column("made_at", UtcTime, nullable=False),
    # Who agreed or did not; NULL while nobody has, and where nobody was asked.
    Column("decided_by_id", BigId),
    Column("decided_at", UtcTime),
    Column("answer", Text, nullable=False, server_default=""),
    Column("ended_by_id", BigId),
    Column("ended_at", UtcTime),
    Index(None, "owner_id", "state"),
    sqlite_autoincrement=True,
)

# Letters that were not redirected, until their owner has been told.
redirect_note = Table(
    "redirect_note",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("redirect_id", BigId, ForeignKey("mail_redirect.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    # `guards.Why`
    Column("why", String(12), nullable=False),
    Column("author", String(320), nullable=False),
    Column("subject", String(200), nullable=False),
    Index(None, "redirect_id"),
    sqlite_autoincrement=True,
)
