"""Tables of who is away, and whom the server has told so."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

absence = Table(
    "absence",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("person_id", BigId, ForeignKey("principal.id"), nullable=False),
    # Both days included.
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    # Who acts meanwhile; NULL: nobody.
    Column("deputy_id", BigId, ForeignKey("principal.id")),
    # leave: back afterwards. gone: retired or moved away (see `departures`).
    Column("cause", String(12), nullable=False, server_default="leave"),
    # What senders are told; "" tells them nothing.
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # Set when it is taken back altogether.
    Column("cancelled_at", UtcTime),
    Index(None, "person_id", "ends_on"),
    Index(None, "deputy_id", "ends_on"),
)

# One answer for each sender and absence (RFC 3834 §2).
absence_answer = Table(
    "absence_answer",
    metadata,
    Column("absence_id", BigId, ForeignKey("absence.id"), primary_key=True),
    # As `addresses.lookup_key` writes it.
    Column("sender", String(320), primary_key=True),
    Column("at", UtcTime, nullable=False),
)
