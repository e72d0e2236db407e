"""Mail of a unit or an agency that nobody takes: its head is told, then the chief of office; and what somebody has
taken and left goes back (DOMAIN 2.6 U6; 123/QĐ-SCT, Điều 6 khoản 1 and 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.delivery.mailboxes import NOTICE_KEYWORD
from mailserver.directory import capabilities, grants, principals
from mailserver.directory.offices import CHIEF_OF_OFFICE
from mailserver.directory.records import Kind, Principal, Status, office_day
from mailserver.directory.rights import Right
from mailserver.directory.schema import principal
from mailserver.store import raw
from mailserver.store.blobs import BlobStore
from mailserver.store.tx import Tx
from mailserver.teams import items, service
from mailserver.teams.folders import inbox_of
from mailserver.teams.states import NEW, TAKEN

DIRECTOR = "director"
HEAD, CHIEF = 1, 2
# Subjects named in one letter; of the others only their number.
MOST_NAMED = 20
# Messages looked at in one mailbox at a time; the next look has the others.
MOST_AT_ONCE = 500
# Flags of `store.flags`: \Deleted.
_KEPT = "e.flags & 8 = 0"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long mail may lie; each timedelta(0): for ever. alarm_after: untaken, until the head is told; twice as
    long, and the chief of office is. return_after: taken, and nothing done."""

    alarm_after: timedelta
    return_after: timedelta


@dataclass(frozen=True, slots=True)
class _Waiting:
    message_pk: int
    subject: str
    sender: str


def watched(conn: Connection) -> list[Principal]:
    """The mailboxes to look after: of units and agencies."""
    kinds = (Kind.UNIT.value, Kind.AGENCY.value)
    query = select(principal.c.id).where(principal.c.kind.in_(kinds), principal.c.status != Status.LEFT.value)
    found = principals.get_many(conn, set(conn.execute(query).scalars()))
    return [found[key] for key in sorted(found)]


def look_tx(tx: Tx, blobs: BlobStore, owner: Principal, limits: Limits) -> None:
    """Tell, each message once to each, and give back what lies untouched. Deliveries as `notify_tx` raises them."""
    if limits.return_after:
        _give_back_tx(tx, blobs, owner, tx.now - limits.return_after)
    if limits.alarm_after:
        _alarm_tx(tx, blobs, owner, HEAD, tx.now - limits.alarm_after)
        _alarm_tx(tx, blobs, owner, CHIEF, tx.now - 2 * limits.alarm_after)


def _alarm_tx(tx: Tx, blobs: BlobStore, owner: Principal, level: int, before: datetime) -> None:
    late = _waiting(tx.conn, owner.id, level, before)
    if not late:
        return
    for one in late:
        _note_tx(tx, owner.id, one.message_pk, level)
    people = _told(tx.conn, owner, level, tx.now)
    subject = f"{len(late)} thư của {owner.name} chưa ai nhận"
    ask = "Đề nghị nhận xử lý, hoặc chuyển cho người có trách nhiệm.\n"
    notify_tx(tx, blobs, Notice(owner, subject, f"{_named(late)}\n{ask}"), people)
    tx.emit("team.late", owner_id=owner.id, level=level, messages=[one.message_pk for one in late])


def _give_back_tx(tx: Tx, blobs: BlobStore, owner: Principal, before: datetime) -> None:
    left = _left(tx.conn, owner.id, before)
    handlers = {items.get(tx.conn, owner.id, one.message_pk).handler_id for one in left}
    for one in left:
        service.put_back_tx(tx, items.get(tx.conn, owner.id, one.message_pk))
    if left:
        people = [*_told(tx.conn, owner, HEAD, tx.now), *_people(tx.conn, handlers)]
        subject = f"{len(left)} thư của {owner.name} đã trả về “Chưa ai nhận”"
        notify_tx(tx, blobs, Notice(owner, subject, f"{_named(left)}\nĐã nhận nhưng để lâu không xử lý.\n"), people)


def _told(conn: Connection, owner: Principal, level: int, now: datetime) -> list[Principal]:
    """The head and whom the head has authorised; of the agency itself, the director; then the chief of office.

    Where there is no head, the chief of office and the director are next.
    """
    day = office_day(now)
    chiefs = capabilities.holders_of(conn, owner.agency_id, CHIEF_OF_OFFICE, day)
    directors = capabilities.holders_of(conn, owner.agency_id, DIRECTOR, day)
    if level == CHIEF:
        return _people(conn, chiefs or directors)
    if owner.kind is Kind.AGENCY:
        return _people(conn, directors)
    head = principals.head_of(conn, owner.id, day)
    given = grants.grants_on(conn, owner.id, now)
    delegates = [grant.grantee_id for grant in given if Right.HANDLE in grant.rights or Right.MANAGE in grant.rights]
    return _people(conn, [head, *delegates] if head is not None else [*delegates, *(chiefs or directors)])


def _people(conn: Connection, ids: Sequence[int | None] | set[int | None]) -> list[Principal]:
    found = principals.get_many(conn, {one for one in ids if one is not None})
    people = [found[key] for key in sorted(found)]
    return [one for one in people if one.kind is Kind.PERSON and one.status is Status.ACTIVE]


def _waiting(conn: Connection, owner_id: int, level: int, before: datetime) -> list[_Waiting]:
    """What lies untaken since then, and has not been told of at this level."""
    query = (
        "SELECT e.message_pk, m.subject, m.sender FROM entry e JOIN message m ON m.id = e.message_pk"
        " LEFT JOIN team_mail t ON t.owner_id = ? AND t.message_pk = e.message_pk"
        f" WHERE e.folder_id = ? AND {_KEPT} AND e.internal_date < ?"
        " AND (t.state = ? OR t.state IS NULL AND e.keywords NOT LIKE ?)"
        " AND coalesce(t.alarmed, 0) < ? ORDER BY e.uid LIMIT ?"
    )
    inbox, since = inbox_of(conn, owner_id), int(before.timestamp())
    values = (owner_id, inbox, since, NEW.value, f"%{NOTICE_KEYWORD}%", level, MOST_AT_ONCE)
    return [_Waiting(*row) for row in raw.rows(conn, query, values)]


def _left(conn: Connection, owner_id: int, before: datetime) -> list[_Waiting]:
    """What was taken before then, and nothing has happened to since."""
    query = (
        "SELECT t.message_pk, m.subject, m.sender FROM team_mail t JOIN message m ON m.id = t.message_pk"
        " WHERE t.owner_id = ? AND t.state = ? AND t.changed_at < ? ORDER BY t.message_pk LIMIT ?"
    )
    values = (owner_id, TAKEN.value, int(before.timestamp() * 1000), MOST_AT_ONCE)
    return [_Waiting(*row) for row in raw.rows(conn, query, values)]


def _note_tx(tx: Tx, owner_id: int, message_pk: int, level: int) -> None:
    raw.run(
        tx.conn,
        "INSERT INTO team_mail (owner_id, message_pk, state, changed_at, alarmed) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (owner_id, message_pk) DO UPDATE SET alarmed = excluded.alarmed",
        (owner_id, message_pk, NEW.value, tx.now_ms, level),
    )


def _named(late: Sequence[_Waiting]) -> str:
    lines = [f"- {one.subject or '(không có tiêu đề)'} ({one.sender})" for one in late[:MOST_NAMED]]
    more = len(late) - MOST_NAMED
    return "\n".join([*lines, *([f"… và {more} thư khác"] if more > 0 else [])]) + "\n"
