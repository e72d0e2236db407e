"""Letters before mail goes: to whose it is, and to the administrators of what goes from shared folders.

Everybody gets one letter a week at most, with all that is on the list by then; what it names goes 7 days later at the
earliest. Letter and note of it are one transaction, so each message is told of once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailbox_policies.retention.listing import AHEAD, WEEK
from mailbox_policies.retention.terms import FolderClass
from mailserver.actor import SYSTEM
from mailserver.delivery import notices
from mailserver.directory import capabilities, principals
from mailserver.directory.records import Kind, Principal, Status, office_day
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds, milliseconds
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.store import Store
from mailserver.store.tx import Tx

MOST_NAMED = 20
OWN, OFFICE = "own", "office"
_SHARED = ", ".join(f"'{one.value}'" for one in FolderClass if one.shared)
# Which column says that the letter was sent, and which mail it is about.
_COLUMN = {OWN: "told_at", OFFICE: "office_told_at"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What writing the letters takes. web: how browsers reach the pages, without a slash at the end. removes: whether
    what they say will be done (mode enforce)."""

    store: Store
    web: str
    removes: bool


@dataclass(frozen=True, slots=True)
class _Named:
    item_id: int
    subject: str
    folder: str
    due: datetime


def tell(desk: Desk, agency_id: int, now: datetime) -> int:
    """Send the letters that are due; how many went out."""
    db = desk.store.db
    waiting = db.read(lambda conn: _recipients(conn, agency_id, now))
    sent = sum(_tell_one(desk, agency_id, (person_id,), OWN, now) for person_id in waiting)
    admins = db.read(lambda conn: capabilities.keepers_of_the_system(conn, agency_id))
    return sent + _tell_one(desk, agency_id, admins, OFFICE, now)


def _tell_one(desk: Desk, agency_id: int, people: Sequence[int], kind: str, now: datetime) -> int:
    try:
        return desk.store.db.write(lambda tx: _tell_tx(tx, desk, agency_id, people, kind, now), SYSTEM)
    except (FolderMissing, MoveRefused):  # nobody can be told, so the list on the page has to do
        desk.store.db.write(lambda tx: _note_tx(tx, _untold(tx.conn, agency_id, people, kind, now), kind, now), SYSTEM)
        return 0


def _tell_tx(tx: Tx, desk: Desk, agency_id: int, people: Sequence[int], kind: str, now: datetime) -> int:
    if _told_this_week(tx.conn, people, kind, now):
        return 0
    found = _untold(tx.conn, agency_id, people, kind, now)
    if not found:
        return 0
    sent = 0
    for person in principals.get_many(tx.conn, set(people)).values():
        if person.status is not Status.LEFT and person.kind is not Kind.SERVICE:
            subject, text = _words(desk, person, found, kind, now)
            notices.send_tx(tx, desk.store.blobs, person, subject, text)
            sent += 1
    _note_tx(tx, found, kind, now)
    insert = (
        "INSERT INTO retention_letter (principal_id, kind, sent_at) VALUES (?, ?, ?)"
        " ON CONFLICT (principal_id, kind) DO UPDATE SET sent_at = excluded.sent_at"
    )
    for person_id in people:
        raw.run(tx.conn, insert, (person_id, kind, milliseconds(now)))
    return sent


def _note_tx(tx: Tx, told: Sequence[_Named], kind: str, now: datetime) -> None:
    if told:
        condition, numbers = raw.among(tx.conn, "id", [one.item_id for one in told])
        query = f"UPDATE retention_item SET {_COLUMN[kind]} = ? WHERE {condition}"
        raw.run(tx.conn, query, (milliseconds(now), numbers))


def _recipients(conn: Connection, agency_id: int, now: datetime) -> list[int]:
    query = (
        "SELECT DISTINCT told_id FROM retention_item WHERE agency_id = ? AND told_at IS NULL AND due_at <= ?"
        " ORDER BY told_id"
    )
    return [row[0] for row in raw.rows(conn, query, (agency_id, milliseconds(now + AHEAD)))]


def _told_this_week(conn: Connection, people: Sequence[int], kind: str, now: datetime) -> bool:
    condition, numbers = raw.among(conn, "principal_id", people)
    query = f"SELECT 1 FROM retention_letter WHERE {condition} AND kind = ? AND sent_at > ?"
    return raw.row(conn, query, (numbers, kind, milliseconds(now - WEEK))) is not None


def _untold(conn: Connection, agency_id: int, people: Sequence[int], kind: str, now: datetime) -> list[_Named]:
    """What the letter is about; of an office's, all mail of shared folders."""
    which, numbers = raw.among(conn, "i.told_id", people)
    params: tuple[object, ...] = (numbers,)
    if kind == OFFICE:
        which, params = f"i.class IN ({_SHARED})", ()
    rows = raw.rows(
        conn,
        "SELECT i.id, m.subject, f.name, i.due_at FROM retention_item i JOIN message m ON m.id = i.message_pk"
        f" JOIN folder f ON f.id = i.folder_id WHERE i.agency_id = ? AND {which} AND i.{_COLUMN[kind]} IS NULL"
        " AND i.due_at <= ? ORDER BY i.due_at, i.id",
        (agency_id, *params, milliseconds(now + AHEAD)),
    )
    return [_Named(row[0], row[1], row[2], from_milliseconds(row[3])) for row in rows]


def _words(desk: Desk, person: Principal, found: Sequence[_Named], kind: str, now: datetime) -> tuple[str, str]:
    vi = not person.reads_english
    named = ((office_day(max(one.due, now + WEEK)), one) for one in found[:MOST_NAMED])
    lines = [f"- {day:%d/%m/%Y}: {one.subject or '…'} ({one.folder})" for day, one in named]
    if len(found) > MOST_NAMED:
        more = len(found) - MOST_NAMED
        lines.append(f"… và {more} thư khác" if vi else f"… and {more} more")
    link = f"{desk.web}/don-thu/sap-xoa" + ("?xem=co-quan" if kind == OFFICE else "")
    return (_vietnamese if vi else _english)(desk, len(found), "\n".join(lines), link)


def _vietnamese(desk: Desk, count: int, lines: str, link: str) -> tuple[str, str]:
    then = "Đến ngày ghi bên dưới, thư được xóa" if desk.removes else "Thư dưới đây đã đến hạn, đề nghị xem và tự xóa"
    return (
        f"{count} thư sắp hết hạn lưu",
        f"{then} theo quy định về thời hạn lưu.\n\n{lines}\n\nXem tất cả, xin gia hạn thông báo hoặc mục lấy ý kiến:"
        f" {link}\nThư cần giữ trong Thùng rác, Thư rác: hãy chuyển sang thư mục khác. Thư đã xóa còn khôi phục được"
        f" một thời gian: {desk.web}/don-thu/khoi-phuc\n",
    )


def _english(desk: Desk, count: int, lines: str, link: str) -> tuple[str, str]:
    then = "will be removed on the day shown" if desk.removes else "is past its time; please look and delete it"
    return (
        f"{count} messages are about to reach the end of their time",
        f"Under the rule of retention the mail below {then}.\n\n{lines}\n\nSee all of it, or ask for more time for a"
        f" notice or a request for comments: {link}\nMove to another folder what you need of Trash and Junk. Removed"
        f" mail can be taken back for some time: {desk.web}/don-thu/khoi-phuc\n",
    )
