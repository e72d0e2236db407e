"""The tables of reported posts.

Invariants:

- A post has one case, however often it is reported; what was done stands in `board_case_act`, numbered from 1.
- A case in a state of `states.UNSEEN` has a row in `board_hidden`, held until the case is `forgotten`.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

board_case = Table(
    "board_case",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("agency_id", BigId, ForeignKey("agency.id"), nullable=False),
    Column("folder_id", BigId, ForeignKey("folder.id"), nullable=False),
    # `message.id`; no foreign key: the case outlives the message.
    Column("message_pk", BigId, nullable=False),
    # Who posted it; NULL: nobody's.
    Column("author_id", BigId),
    Column("subject", String(200), nullable=False),
    # A value of `states.State`.
    Column("state", String(12), nullable=False),
    # Since when.
    Column("since", UtcTime, nullable=False),
    # A deleted post that cannot be put back any more.
    Column("forgotten", Boolean, nullable=False),
    Index(None, "folder_id", "message_pk", unique=True),
    Index(None, "agency_id", "state"),
    sqlite_autoincrement=True,
)

board_case_act = Table(
    "board_case_act",
    metadata,
    Column("case_id", BigId, ForeignKey("board_case.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    # A value of `states.Act`.
    Column("act", String(12), nullable=False),
    Column("actor_id", BigId, nullable=False),
    Column("at", UtcTime, nullable=False),
    # As written, "" for none.
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)
