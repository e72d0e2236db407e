"""The table of when people were there, by day of the office (see `activity`)."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

activity = Table(
    "activity",
    metadata,
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Index(None, "day"),
)
