"""The tables of shared folders.

Invariants:

- A folder with a row in `board` carries the behaviour `kinds.BEHAVIOUR`: its rules hold at every door.
- A message in such a folder without a row in `board_post` is nobody's: it was there before, or a program put it.
- A row of `board_post` outlives its message: it says who had written what was taken down.
- A message with a row in `board_hidden` lies in no shared folder, nor where posts lie that were taken down; while
  `held`, it has a pin (`message.pins`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

board = Table(
    "board",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True, autoincrement=False),
    # A value of `kinds.BoardKind`.
    Column("kind", String(12), nullable=False),
    Column("created_by_id", BigId),
    # Since when nobody posts any more; NULL while it is in use.
    Column("retired_at", UtcTime),
    # Whose calendar it is: a post, a unit, or the agency's mailbox for that of all; NULL for no calendar of anybody's.
    Column("keeper_id", BigId),
    sqlite_with_rowid=False,
)

board_post = Table(
    "board_post",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True, autoincrement=False),
    # `message.id`; no foreign key, see the module.
    Column("message_pk", BigId, primary_key=True, autoincrement=False),
    Column("author_id", BigId, nullable=False),
    Column("posted_at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

# Posts that nobody finds: hidden for the time being, or deleted and kept from being posted again.
board_hidden = Table(
    "board_hidden",
    metadata,
    # `message.id`; no foreign key: the row outlives the message.
    Column("message_pk", BigId, primary_key=True, autoincrement=False),
    Column("folder_id", BigId, ForeignKey("folder.id"), nullable=False),
    # Of its entry: seconds since 1970, UTC.
    Column("internal_date", BigInteger, nullable=False),
    Column("held", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# That whoever posts in a calendar has been written to, since the month's schedule was not there.
board_reminder = Table(
    "board_reminder",
    metadata,
    Column("folder_id", BigId, ForeignKey("folder.id"), primary_key=True, autoincrement=False),
    # "12/2026".
    Column("month", String(7), primary_key=True),
    Column("sent_at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)
