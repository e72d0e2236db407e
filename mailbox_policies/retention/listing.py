"""The list of mail whose day comes: made from the folders, and kept true to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from mailbox_policies.retention import holds
from mailbox_policies.retention.terms import FolderClass, Terms, class_of, due_at, saved_before
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.directory.records import Kind
from mailserver.mime.address import Address
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds, milliseconds
from mailserver.store.database import Database
from mailserver.store.folder_names import JUNK, TRASH
from mailserver.store.tx import Tx

# Lists go out once a week and name what is due after a week at the earliest: two weeks ahead leave nobody out.
WEEK = timedelta(days=7)
AHEAD = timedelta(days=14)
PAGE = 500


@dataclass(frozen=True, slots=True)
class Due:
    """Mail on the list as it stands now. owner_id: of the mailbox. moment: when it is due, extensions included."""

    item_id: int
    folder_id: int
    uid: int
    owner_id: int
    message_pk: int
    kind: FolderClass
    moment: datetime


@dataclass(frozen=True, slots=True)
class _Entry:
    folder_id: int
    uid: int
    owner_id: int
    message_pk: int
    saved: datetime


def renew(db: Database, agency_id: int, terms: Terms, now: datetime) -> None:
    """Take off the list what is gone, held or due no more, then add what is due soon. now: aware."""
    after = 0
    while True:
        seen = db.write(partial(_check_page_tx, agency_id=agency_id, terms=terms, now=now, after=after), SYSTEM)
        if not seen:
            break
        after = seen
    for kind, folder_ids in db.read(lambda conn: _folders(conn, agency_id, terms)).items():
        before = saved_before(terms, kind, now + AHEAD)
        if before is not None:
            _add(db, agency_id, terms, kind, folder_ids, before, now)


def clear_tx(tx: Tx, agency_id: int) -> None:
    """Take off the list whatever nobody has asked about."""
    raw.run(tx.conn, "DELETE FROM retention_item WHERE agency_id = ? AND asked_at IS NULL", (agency_id,))


def standing_tx(tx: Tx, agency_id: int, terms: Terms, ids: Sequence[int], now: datetime) -> list[Due]:
    """Those of the items that still stand, by uid; the others are taken off the list."""
    condition, numbers = raw.among(tx.conn, "i.id", ids)
    rows = raw.rows(tx.conn, f"{_CHECKED} WHERE i.agency_id = ? AND {condition} ORDER BY i.uid", (agency_id, numbers))
    return _sifted_tx(tx, agency_id, terms, rows, now)


_CHECKED = (
    "SELECT i.id, i.folder_id, i.uid, i.owner_id, i.class, i.due_at, i.extended_until, i.asked_at, e.message_pk,"
    " e.save_date, f.name, f.special_use, p.kind, m.pins, b.kind FROM retention_item i"
    " LEFT JOIN entry e ON e.folder_id = i.folder_id AND e.uid = i.uid LEFT JOIN folder f ON f.id = i.folder_id"
    " LEFT JOIN principal p ON p.id = i.owner_id LEFT JOIN message m ON m.id = e.message_pk"
    " LEFT JOIN board b ON b.folder_id = f.id"
)


def _check_page_tx(tx: Tx, agency_id: int, terms: Terms, now: datetime, after: int) -> int:
    """Look at a page of the list; the last id, 0 at the end."""
    query = f"{_CHECKED} WHERE i.agency_id = ? AND i.id > ? ORDER BY i.id LIMIT ?"
    rows = raw.rows(tx.conn, query, (agency_id, after, PAGE))
    _sifted_tx(tx, agency_id, terms, rows, now)
    return int(rows[-1][0]) if rows else 0


def _sifted_tx(tx: Tx, agency_id: int, terms: Terms, rows: Sequence[tuple[object, ...]], now: datetime) -> list[Due]:
    stand, horizon = [], now + AHEAD
    held = holds.held_among(tx.conn, agency_id, [(row[3], row[8]) for row in rows if row[8] is not None])  # type: ignore[misc]
    for item_id, folder_id, uid, owner_id, was, was_due, extended, asked, pk, saved, *of_folder, pins, board in rows:
        name, use, kind = of_folder
        moment = found = None
        if pk is not None and not pins and (owner_id, pk) not in held:
            found = class_of(terms, str(name), use, board, personal=kind == Kind.PERSON.value)  # type: ignore[arg-type]
            moment = due_at(terms, found, _seconds(saved)) if found else None
        if moment is not None and extended is not None:
            moment = max(moment, from_milliseconds(extended))  # type: ignore[arg-type]
        kept = moment is not None and (moment <= horizon or extended is not None or asked is not None)
        if found is None or moment is None or not kept:
            raw.run(tx.conn, "DELETE FROM retention_item WHERE id = ?", (item_id,))
            continue
        if (found.value, milliseconds(moment)) != (was, was_due):
            query = "UPDATE retention_item SET class = ?, due_at = ? WHERE id = ?"
            raw.run(tx.conn, query, (found.value, milliseconds(moment), item_id))
        stand.append(Due(item_id, folder_id, uid, owner_id, pk, found, moment))  # type: ignore[arg-type]
    return stand


def _folders(conn: Connection, agency_id: int, terms: Terms) -> dict[FolderClass, list[int]]:
    found: dict[FolderClass, list[int]] = {}
    query = (
        "SELECT f.id, f.name, f.special_use, p.kind, b.kind FROM folder f JOIN principal p ON p.id = f.owner_id"
        " LEFT JOIN board b ON b.folder_id = f.id"
        " WHERE p.agency_id = ? AND f.messages > 0 AND (f.special_use IN (?, ?) OR p.kind <> ?)"
    )
    for folder_id, name, use, kind, board in raw.rows(conn, query, (agency_id, JUNK, TRASH, Kind.PERSON.value)):
        wanted = class_of(terms, name, use, board, personal=kind == Kind.PERSON.value)
        if wanted is not None:
            found.setdefault(wanted, []).append(folder_id)
    return found


def _add(
    db: Database,
    agency_id: int,
    terms: Terms,
    kind: FolderClass,
    folder_ids: Sequence[int],
    before: datetime,
    now: datetime,
) -> None:
    at = (0, 0)
    while True:
        found = db.read(partial(_unlisted, folder_ids=folder_ids, before=before, after=at))
        if not found:
            return
        at = found[-1].folder_id, found[-1].uid
        db.write(partial(_insert_tx, agency_id=agency_id, terms=terms, kind=kind, entries=found, now=now), SYSTEM)


def _unlisted(
    conn: Connection, folder_ids: Sequence[int], before: datetime, after: tuple[int, int]
) -> Sequence[_Entry]:
    condition, numbers = raw.among(conn, "e.folder_id", folder_ids)
    rows = raw.rows(
        conn,
        "SELECT e.folder_id, e.uid, f.owner_id, e.message_pk, e.save_date FROM entry e"
        " JOIN folder f ON f.id = e.folder_id JOIN message m ON m.id = e.message_pk"
        f" WHERE {condition} AND e.save_date < ? AND m.pins = 0 AND (e.folder_id, e.uid) > (?, ?)"
        " AND NOT EXISTS (SELECT 1 FROM retention_item i WHERE i.folder_id = e.folder_id AND i.uid = e.uid)"
        " ORDER BY e.folder_id, e.uid LIMIT ?",
        (numbers, int(before.timestamp()), *after, PAGE),
    )
    return [_Entry(folder_id, uid, owner, pk, _seconds(saved)) for folder_id, uid, owner, pk, saved in rows]


_INSERT = (
    "INSERT INTO retention_item (agency_id, owner_id, folder_id, uid, message_pk, class, told_id, due_at, listed_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


def _insert_tx(
    tx: Tx, agency_id: int, terms: Terms, kind: FolderClass, entries: Sequence[_Entry], now: datetime
) -> None:
    held = holds.held_among(tx.conn, agency_id, [(one.owner_id, one.message_pk) for one in entries])
    free = [one for one in entries if (one.owner_id, one.message_pk) not in held]
    posters = _posters(tx.conn, agency_id, free) if kind.shared else {}
    rows = []
    for one in free:
        moment = due_at(terms, kind, one.saved)
        if moment is not None:
            told = posters.get(one.message_pk, one.owner_id)
            place = (agency_id, one.owner_id, one.folder_id, one.uid, one.message_pk)
            rows.append((*place, kind.value, told, milliseconds(moment), milliseconds(now)))
    if rows:
        raw.run_many(tx.conn, _INSERT, rows)


def _posters(conn: Connection, agency_id: int, entries: Sequence[_Entry]) -> dict[int, int]:
    """Who of the agency wrote each message, by its From; without those that nobody of ours wrote."""
    if not entries:
        return {}
    condition, numbers = raw.among(conn, "id", [one.message_pk for one in entries])
    found = {}
    for message_pk, sender in raw.rows(conn, f"SELECT id, sender FROM message WHERE {condition}", (numbers,)):
        poster = principals.by_address(conn, Address.addr_in(sender)) if "@" in sender else None
        if poster is not None and poster.agency_id == agency_id:
            found[message_pk] = poster.id
    return found


def _seconds(value: object) -> datetime:
    return datetime.fromtimestamp(int(value), UTC)  # type: ignore[call-overload]
