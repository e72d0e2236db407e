"""The tables of inspections.

Invariants:

- `inspection_item` rows of an order are numbered from 1 without gaps; `held` says that the item has a pin of its
  message (`message.pins`).
- Nothing is read of an item but by `reading`, which writes a record of the audit before it answers.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

inspection_order = Table(
    "inspection_order",
    metadata,
    # The order's number.
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    # Whose mailbox.
    Column("owner_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("reason", Text, nullable=False),
    # Number of the decision on paper, "" for none.
    Column("decision", String(100), nullable=False),
    # Days of arrival that it reaches, both included.
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    # Names of folders; [] for all.
    Column("folders", JSON, nullable=False),
    # Words that messages must hold, "" for any.
    Column("words", String(200), nullable=False),
    # In force until just before.
    Column("ends_at", UtcTime, nullable=False),
    # waiting | confirmed | refused | withdrawn | ended | closed
    Column("state", String(12), nullable=False),
    Column("ordered_by_id", BigId, ForeignKey("principal.id"), nullable=False),
    Column("ordered_at", UtcTime, nullable=False),
    # Who confirmed or refused.
    Column("decided_by_id", BigId, ForeignKey("principal.id")),
    Column("decided_at", UtcTime),
    Column("ended_at", UtcTime),
    # When the owner is to be told by mail; NULL: not by mail.
    Column("tell_at", UtcTime),
    # Since when the owner may see it.
    Column("told_at", UtcTime),
    Index(None, "owner_id"),
    Index(None, "state"),
    sqlite_autoincrement=True,
)

inspection_inspector = Table(
    "inspection_inspector",
    metadata,
    Column("order_id", BigId, ForeignKey("inspection_order.id"), primary_key=True),
    Column("person_id", BigId, ForeignKey("principal.id"), primary_key=True),
    Index(None, "person_id"),
    sqlite_with_rowid=False,
)

inspection_item = Table(
    "inspection_item",
    metadata,
    Column("order_id", BigId, ForeignKey("inspection_order.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    # No foreign key: once it is let go, the message may be deleted.
    Column("message_pk", BigId, nullable=False),
    Column("held", Boolean, nullable=False),
    # Where it was when the order reached it.
    Column("folder", String(1000), nullable=False),
    # Seconds since 1970, UTC.
    Column("internal_date", BigInteger, nullable=False),
    # When an inspector first opened it.
    Column("opened_at", UtcTime),
    Index(None, "order_id", "message_pk", unique=True),
    sqlite_with_rowid=False,
)
