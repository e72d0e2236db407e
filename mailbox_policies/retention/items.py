"""Reading the list of mail whose day comes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailbox_policies.retention.listing import WEEK
from mailbox_policies.retention.terms import FolderClass
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds


@dataclass(frozen=True, slots=True)
class Item:
    """owner_id: of the mailbox; told_id: who is told and may ask. due_at: extensions included. Times are aware."""

    id: int
    agency_id: int
    owner_id: int
    owner: str
    folder_id: int
    folder: str
    uid: int
    message_pk: int
    subject: str
    sender: str
    kind: FolderClass
    told_id: int
    due_at: datetime
    told_at: datetime | None
    asked_at: datetime | None
    asked_by_id: int | None
    asked_until: datetime | None
    asked_why: str | None
    decided_at: datetime | None
    extended_until: datetime | None

    @property
    def asks(self) -> bool:
        """Whether a request for more time waits for an answer."""
        return self.asked_at is not None and self.decided_at is None

    @property
    def refused(self) -> bool:
        return self.decided_at is not None and self.extended_until is None

    @property
    def goes_at(self) -> datetime | None:
        """The earliest moment at which it can be removed; None: nobody was told yet."""
        return None if self.told_at is None else max(self.due_at, self.told_at + WEEK)


_SELECT = (
    "SELECT i.id, i.agency_id, i.owner_id, p.name, i.folder_id, f.name, i.uid, i.message_pk, m.subject, m.sender,"
    " i.class, i.told_id, i.due_at, i.told_at, i.asked_at, i.asked_by_id, i.asked_until, i.asked_why, i.decided_at,"
    " i.extended_until FROM retention_item i JOIN entry e ON e.folder_id = i.folder_id AND e.uid = i.uid"
    " JOIN folder f ON f.id = i.folder_id JOIN message m ON m.id = e.message_pk JOIN principal p ON p.id = i.owner_id"
)
_TIMES = (12, 13, 14, 16, 18, 19)


def get(conn: Connection, item_id: int, *, lock: bool = False) -> Item | None:
    """lock: nobody else asks or decides before the transaction ends."""
    locked = "" if raw.is_sqlite(conn) or not lock else " FOR UPDATE OF i"
    row = raw.row(conn, f"{_SELECT} WHERE i.id = ?{locked}", (item_id,))
    return None if row is None else _item(row)


def whose(conn: Connection, ids: Collection[int], most: int, skip: int = 0) -> tuple[list[Item], int]:
    """What is in one of these mailboxes or was posted by them: what goes first, first; and how many there are."""
    told, numbers = raw.among(conn, "i.told_id", ids)
    owned, again = raw.among(conn, "i.owner_id", ids)
    return _listed(conn, f"({told} OR {owned})", (numbers, again), most, skip)


def of_agency(conn: Connection, agency_id: int, most: int, skip: int = 0) -> tuple[list[Item], int]:
    """What goes from the shared folders of an agency, requests in front. What people have in their own Junk and
    Trash is theirs to know."""
    shared = ", ".join(f"'{one.value}'" for one in FolderClass if one.shared)
    return _listed(conn, f"i.agency_id = ? AND i.class IN ({shared})", (agency_id,), most, skip)


def counts(conn: Connection, agency_id: int) -> dict[FolderClass, int]:
    """How much is on the list of an agency, by class of folder."""
    query = "SELECT class, count(*) FROM retention_item WHERE agency_id = ? GROUP BY class"
    return {FolderClass(kind): int(count) for kind, count in raw.rows(conn, query, (agency_id,))}


def _listed(conn: Connection, condition: str, params: Sequence[object], most: int, skip: int) -> tuple[list[Item], int]:
    first = "CASE WHEN i.asked_at IS NOT NULL AND i.decided_at IS NULL THEN 0 ELSE 1 END"
    query = f"{_SELECT} WHERE {condition} ORDER BY {first}, i.due_at, i.id LIMIT ? OFFSET ?"
    tables = _SELECT.partition(" FROM ")[2]
    total = raw.row(conn, f"SELECT count(*) FROM {tables} WHERE {condition}", params)
    found = [_item(row) for row in raw.rows(conn, query, (*params, most, skip))]
    return found, int(total[0]) if total else 0


def _item(row: Sequence[object]) -> Item:
    values = list(row)
    values[10] = FolderClass(values[10])
    for place in _TIMES:
        if values[place] is not None:
            values[place] = from_milliseconds(values[place])  # type: ignore[arg-type]
    return Item(*values)  # type: ignore[arg-type]
