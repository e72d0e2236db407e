"""The tables of shared mail.

Invariants:

- A message that lies in a unit's INBOX and has no row is new. A row says what has become of it since.
- `state` and `handler_id` change only by the moves of `states.MOVES`, in the transaction that moves the message.
- A row outlives its message: it is who did what, and the ids of messages are never used again.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, SmallInteger, String, Table, Text

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

team_mail = Table(
    "team_mail",
    metadata,
    # The unit, post or agency in whose mailbox it is.
    Column("owner_id", BigId, ForeignKey("principal.id"), primary_key=True),
    # `message.id`; no foreign key, see the module.
    Column("message_pk", BigId, primary_key=True, autoincrement=False),
    # A value of `states.State`.
    Column("state", String(12), nullable=False),
    # Who has it: a person, or the agency's mailbox for what went to the registry; NULL where nobody does.
    Column("handler_id", BigId, ForeignKey("principal.id")),
    # What was written when it was done without a reply.
    Column("note", Text, nullable=False, server_default=""),
    Column("changed_at", UtcTime, nullable=False),
    Column("changed_by_id", BigId),
    # Where it lay when somebody took it: whoever comes too late there is told who was faster.
    Column("came_folder_id", BigId),
    Column("came_uid", BigInteger),
    # 0; 1 once the head has been reminded, 2 once the chief of office has.
    Column("alarmed", SmallInteger, nullable=False, server_default="0"),
    Index(None, "message_pk"),
    Index(None, "came_folder_id", "came_uid"),
    sqlite_with_rowid=False,
)

# Who has a message of a shared mailbox on the screen; only the last minute counts.
team_viewer = Table(
    "team_viewer",
    metadata,
    Column("owner_id", BigId, primary_key=True, autoincrement=False),
    Column("message_pk", BigId, primary_key=True, autoincrement=False),
    Column("person_id", BigId, primary_key=True, autoincrement=False),
    Column("seen_at", UtcTime, nullable=False),
    # Whether the person is writing the answer.
    Column("writing", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
