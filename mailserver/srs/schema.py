"""Keys of rewritten senders, and the senders that do not fit into an address."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

# The newest key of an agency makes hashes; the others are still taken for what they made.
srs_key = Table(
    "srs_key",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # 32 random octets, in hexadecimal.
    Column("secret", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Index(None, "agency_id"),
    sqlite_autoincrement=True,
)

srs_sender = Table(
    "srs_sender",
    metadata,
    Column("token", String(40), primary_key=True),
    # As the envelope had it.
    Column("sender", Text, nullable=False, unique=True),
    # The last day on which it stood in an address of ours.
    Column("used_on", Date, nullable=False),
)
