"""Mail that was removed for good, kept some days longer so that its owner can take it back.

Whatever leaves a mailbox for good comes here, whoever removed it and by whichever door: EXPUNGE, a deleted folder,
a move to somebody else's mailbox, the office's rule of retention. What still lies in another folder of the mailbox
is not removed. A row holds its message as an entry does, but no quota counts it. How long a row stays is the
agency's to say (`mailbox_policies.retention`); afterwards the collector deletes what nobody holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.columns import from_milliseconds, milliseconds
from mailserver.store.flags import Flag
from mailserver.store.rows import Row
from mailserver.store.tx import Tx
from mailserver.text import fold

_INSERT = (
    "INSERT INTO removed_entry (owner_id, folder_id, folder_name, uid, message_pk, flags, keywords, internal_date,"
    " size, removed_at, removed_by_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Removed:
    """folder_name: where it lay. internal_date: seconds since 1970. removed_by_id: None for the rule of retention."""

    id: int
    owner_id: int
    folder_id: int
    folder_name: str
    message_pk: int
    flags: int
    keywords: str
    internal_date: int
    size: int
    removed_at: datetime
    removed_by_id: int | None
    subject: str
    sender: str


def keep_tx(tx: Tx, owner_id: int, folder_id: int, folder_name: str, rows: Sequence[Row]) -> None:
    """Note entries that have just left a mailbox; each message once, and none that is still in another folder."""
    gone = {row.message_pk: row for row in rows}
    if not gone:
        return
    condition, numbers = raw.among(tx.conn, "e.message_pk", gone.keys())
    query = f"SELECT e.message_pk FROM entry e JOIN folder f ON f.id = e.folder_id WHERE f.owner_id = ? AND {condition}"
    for (still_there,) in raw.rows(tx.conn, query, (owner_id, numbers)):
        gone.pop(still_there, None)
    if gone:
        place, when = (owner_id, folder_id, folder_name), (tx.now_ms, tx.actor.principal_id)
        raw.run_many(tx.conn, _INSERT, [(*place, *_facts(row), *when) for row in gone.values()])


def _facts(row: Row) -> tuple[int, int, int, str, int, int]:
    return row.uid, row.message_pk, row.flags, row.keywords, row.internal_date, row.size


_SELECT = (
    "SELECT r.id, r.owner_id, r.folder_id, r.folder_name, r.message_pk, r.flags, r.keywords, r.internal_date, r.size,"
    " r.removed_at, r.removed_by_id, m.subject, m.sender FROM removed_entry r JOIN message m ON m.id = r.message_pk"
)


def found_in(
    conn: Connection, owner_id: int, words: str = "", *, drafts: bool = False, most: int = 50, skip: int = 0
) -> tuple[list[Removed], int]:
    """What was removed from a mailbox, the newest first, and how much there is of it.

    words: each is in the subject, the sender or the recipients, in any spelling. drafts: also old versions of them,
    of which a mail program leaves one every minute.
    """
    where, params = ["r.owner_id = ?"], [owner_id, *(() if drafts else (int(Flag.DRAFT),))]
    if not drafts:
        where.append("r.flags & ? = 0")
    for word in fold(words).split():
        part = f"%{raw.literally(word)}%"
        columns = ("subject_folded", "from_folded", "to_folded")
        where.append("(" + " OR ".join(f"m.{column} LIKE ? ESCAPE '!'" for column in columns) + ")")
        params += [part] * len(columns)
    condition = " WHERE " + " AND ".join(where)
    query = f"{_SELECT}{condition} ORDER BY r.id DESC LIMIT ? OFFSET ?"
    count = f"SELECT count(*) FROM removed_entry r JOIN message m ON m.id = r.message_pk{condition}"
    total = raw.row(conn, count, params)
    return [_removed(row) for row in raw.rows(conn, query, (*params, most, skip))], int(total[0]) if total else 0


def due(conn: Connection, agency_id: int, before: datetime, after: int, most: int) -> list[Removed]:
    """What was removed before then from the mailboxes of an agency, with an id above `after`, by id."""
    query = (
        f"{_SELECT} JOIN principal p ON p.id = r.owner_id"
        " WHERE p.agency_id = ? AND r.removed_at < ? AND r.id > ? ORDER BY r.id LIMIT ?"
    )
    return [_removed(row) for row in raw.rows(conn, query, (agency_id, milliseconds(before), after, most))]


def forget_tx(tx: Tx, ids: Collection[int]) -> None:
    """Let go of removed mail: what nobody else holds the collector takes a day later."""
    if not ids:
        return
    condition, numbers = raw.among(tx.conn, "id", ids)
    raw.run(
        tx.conn,
        "INSERT INTO orphan_candidate (message_pk, since)"
        f" SELECT DISTINCT message_pk, ? FROM removed_entry WHERE {condition} ON CONFLICT DO NOTHING",
        (tx.now_ms, numbers),
    )
    raw.run(tx.conn, f"DELETE FROM removed_entry WHERE {condition}", (numbers,))


def of_ids(tx: Tx, owner_id: int, ids: Collection[int]) -> list[Removed]:
    """Those of the rows that are of this mailbox, by id; nobody else restores them before the transaction ends."""
    if not ids:
        return []
    condition, numbers = raw.among(tx.conn, "r.id", ids)
    lock = "" if raw.is_sqlite(tx.conn) else " FOR UPDATE OF r"
    query = f"{_SELECT} WHERE r.owner_id = ? AND {condition} ORDER BY r.id{lock}"
    return [_removed(row) for row in raw.rows(tx.conn, query, (owner_id, numbers))]


def _removed(row: Sequence[object]) -> Removed:
    values = list(row)
    values[9] = from_milliseconds(values[9])  # type: ignore[arg-type]
    return Removed(*values)  # type: ignore[arg-type]
