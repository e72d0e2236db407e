"""The table of who leaves the agency, from which day, and to whom what they had is handed over."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

departure = Table(
    "departure",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("person_id", BigId, ForeignKey("principal.id"), nullable=False, index=True),
    # retirement | transfer
    Column("cause", String(12), nullable=False),
    # The first day on which the account is shut.
    Column("starts_on", Date, nullable=False),
    # Who goes on with the work; NULL: the office keeps the mailbox.
    Column("successor_id", BigId, ForeignKey("principal.id")),
    # Who decided it, as "Quyết định 402/QĐ-SXD ngày 10/11/2026".
    Column("approval", String(200), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by_id", BigId, ForeignKey("principal.id")),
    Column("cancelled_at", UtcTime),
    # When the account was shut and handed over, and what was (see `routing.handover`); NULL before.
    Column("done_at", UtcTime),
    Column("minutes", JSON),
)
