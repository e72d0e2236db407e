"""The table of the monthly letter that proposes what to delete."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, true

from mailserver.store.columns import BigId
from mailserver.store.schema import metadata

cleanup_reminder = Table(
    "cleanup_reminder",
    metadata,
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True, autoincrement=False),
    # Whether the person wants the letter.
    Column("wanted", Boolean, nullable=False, server_default=true()),
    # "2026-11": the month in which the mailbox was last looked at, whether there was anything to write of or not.
    Column("month", String(7), nullable=False, server_default=""),
)
