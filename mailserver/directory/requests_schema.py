"""The table of what people want changed in the directory (see `requests`)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

change_request = Table(
    "change_request",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("person_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("wish", Text, nullable=False),
    Column("answered_at", UtcTime),
    Column("answered_by_id", BigId, ForeignKey("principal.id")),
    # done | refused; NULL while it waits.
    Column("outcome", String(12)),
    # What the person is told with the answer.
    Column("answer", Text, nullable=False, server_default=""),
    Index(None, "person_id", "answered_at"),
)
