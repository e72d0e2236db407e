"""Tables of lists of staff that were brought in by the browser (see `lists`)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

staff_list = Table(
    "staff_list",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False, index=True),
    Column("created_by_id", BigId, ForeignKey("principal.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("file_name", String(200), nullable=False),
    # Who decided that these accounts are made, as written.
    Column("approval", String(200), nullable=False),
    # The rows, encrypted: a list may hold passwords. NULL once they are not needed any more.
    Column("sealed", LargeBinary),
    Column("total", Integer, nullable=False),
    # So many rows, from the first on, are done.
    Column("done", Integer, nullable=False),
    # When the first passwords were handed out: once.
    Column("handed_at", UtcTime),
)

# What became of each row that is done.
staff_list_row = Table(
    "staff_list_row",
    metadata,
    Column("list_id", BigId, ForeignKey("staff_list.id"), primary_key=True),
    # From 0 on, in the list's order.
    Column("place", Integer, primary_key=True, autoincrement=False),
    # created | changed | exists | failed
    Column("outcome", String(12), nullable=False),
    Column("person_id", BigId, ForeignKey("principal.id")),
    # The rest of `importing.Imported`, without its password.
    Column("told", JSON, nullable=False),
    # The first password, encrypted; NULL if there is none, or it was handed out.
    Column("sealed", LargeBinary),
)
