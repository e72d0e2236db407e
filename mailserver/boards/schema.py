"""The tables of shared folders.

Invariants:

- A folder with a row in `board` carries the behaviour `kinds.BEHAVIOUR`: its rules hold at every door.
- A message in such a folder without a row in `board_post` is nobody's: it was there before, or a program put it.
- A row of `board_post` outlives its message: it says who had written what was taken down.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

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
