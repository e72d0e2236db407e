"""The tables of envelopes. There is no column for what is inside, and none for a file."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, SmallInteger, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

envelope = Table(
    "envelope",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # As it stands on the envelope.
    Column("sender", String(200), nullable=False),
    Column("code", String(60), nullable=False),
    # `types.Secrecy`; NORMAL: to a person alone.
    Column("secrecy", SmallInteger, nullable=False),
    # The person, unit or post whose it is.
    Column("addressee_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("arrived_on", Date, nullable=False),
    Column("entered_by_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    # The receipt.
    Column("received_by_id", BigId, ForeignKey("principal.id")),
    Column("received_at", UtcTime),
    # Entered by mistake.
    Column("withdrawn_at", UtcTime),
    Index(None, "agency_id", "id"),
    Index(None, "addressee_id"),
    sqlite_autoincrement=True,
)

# Numbers of a register that a paper book gives (secret documents): the system never does.
external_range = Table(
    "external_range",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # As in `register`.
    Column("kind", String(12), nullable=False),
    Column("book", String(100), nullable=False),
    Column("year", Integer, nullable=False),
    # Both included.
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("declared_by_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("declared_at", UtcTime, nullable=False),
    Index(None, "agency_id", "year"),
    sqlite_autoincrement=True,
)
