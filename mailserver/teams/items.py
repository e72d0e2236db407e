"""Where one message of a shared mailbox stands, as a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.columns import from_milliseconds
from mailserver.store.tx import Tx
from mailserver.teams.states import ENDED, OPEN, State

_COLUMNS = "owner_id, message_pk, state, handler_id, note, changed_at, changed_by_id, alarmed"
_WRITE = (
    "INSERT INTO team_mail (owner_id, message_pk, state, handler_id, note, changed_at, changed_by_id,"
    " came_folder_id, came_uid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner_id, message_pk) DO UPDATE SET"
    " state = excluded.state, handler_id = excluded.handler_id, note = excluded.note,"
    " changed_at = excluded.changed_at, changed_by_id = excluded.changed_by_id,"
    " came_folder_id = coalesce(excluded.came_folder_id, team_mail.came_folder_id),"
    " came_uid = coalesce(excluded.came_uid, team_mail.came_uid) WHERE team_mail.state = ?"
)


@dataclass(frozen=True, slots=True)
class Item:
    """changed_at: None for a message that nothing has happened to yet."""

    owner_id: int
    message_pk: int
    state: State = State.NEW
    handler_id: int | None = None
    note: str = ""
    changed_at: datetime | None = None
    changed_by_id: int | None = None
    alarmed: int = 0

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Came:
    """Where a message lay when it was taken."""

    folder_id: int
    uid: int


def get(conn: Connection, owner_id: int, message_pk: int) -> Item:
    """New, if nothing has happened to it."""
    found = raw.row(
        conn, f"SELECT {_COLUMNS} FROM team_mail WHERE owner_id = ? AND message_pk = ?", (owner_id, message_pk)
    )
    return Item(owner_id, message_pk) if found is None else of_row(found)


def came_from(conn: Connection, folder_id: int, uids: Sequence[int]) -> list[Item]:
    """What was taken out of this folder under these uids."""
    condition, numbers = raw.among(conn, "came_uid", uids)
    query = f"SELECT {_COLUMNS} FROM team_mail WHERE came_folder_id = ? AND {condition} ORDER BY came_uid"
    return [of_row(row) for row in raw.rows(conn, query, (folder_id, numbers))]


def of_message(conn: Connection, message_pk: int) -> list[Item]:
    """In all mailboxes."""
    query = f"SELECT {_COLUMNS} FROM team_mail WHERE message_pk = ? ORDER BY owner_id"
    return [of_row(row) for row in raw.rows(conn, query, (message_pk,))]


def held_by(conn: Connection, owner_id: int, person_id: int) -> list[Item]:
    """What a person has in hand in a mailbox."""
    where = "WHERE owner_id = ? AND handler_id = ? AND state IN (?, ?) ORDER BY message_pk"
    found = raw.rows(conn, f"SELECT {_COLUMNS} FROM team_mail {where}", (owner_id, person_id, *OPEN))
    return [of_row(row) for row in found]


def write_tx(
    tx: Tx, item: Item, state: State, handler_id: int | None, note: str = "", came: Came | None = None
) -> bool:
    """Bring `item` into a state; False, and nothing has changed, if somebody was faster."""
    new = item.owner_id, item.message_pk, state.value, handler_id, note, tx.now_ms, tx.actor.principal_id
    place = (None, None) if came is None else (came.folder_id, came.uid)
    return raw.run(tx.conn, _WRITE, (*new, *place, item.state.value)) == 1


def of_row(row: Sequence[Any]) -> Item:
    owner_id, message_pk, state, handler_id, note, changed_at, changed_by_id, alarmed = row
    at = from_milliseconds(changed_at)
    return Item(owner_id, message_pk, State(state), handler_id, note, at, changed_by_id, alarmed)
