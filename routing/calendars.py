"""Calendars of leaders and units: made together by the office, and asked for before a month begins.

132/QĐ-STTTT, Điều 7 khoản 1: a folder for each leader and each unit, filled monthly by its head or delegate; that of
the whole agency by the office. Where the regulation lets only the office publish (1581/QĐ-SGDDT, Điều 6;
04/2017/QĐ-UBND, Điều 8 khoản 1), the office posts in all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, select

from mailserver.actor import SYSTEM
from mailserver.boards import calendars, service
from mailserver.boards.calendars import Month
from mailserver.boards.kinds import POSTS, BoardKind
from mailserver.boards.schema import board
from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.directory import grants, principals
from mailserver.directory.principals import Post, Principal, Status, office_day
from mailserver.store import acl, audit, folders, raw
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.folder_names import SEPARATOR
from mailserver.store.folders import Folder
from mailserver.store.store import Store
from routing import boards
from routing.profile import profile_of

ABOVE, WHOLE = "Lịch công tác", "Toàn cơ quan"
LEADERS = ("director", "deputy_director")
OFFICE = ("chief_of_office", "deputy_chief_of_office", "registry")
# Days before a month begins in which its schedule is asked for.
ASKED_DAYS = 5

log = structlog.get_logger("vanthu.boards")


@dataclass(frozen=True, slots=True)
class Planned:
    """A calendar that is not there yet. keeper_id: whose it is; the agency's mailbox for that of all."""

    name: str
    keeper_id: int
    posters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar in use."""

    folder: Folder
    agency_id: int


def planned(conn: Connection, agency_id: int, now: datetime) -> list[Planned]:
    """The calendars that the agency has not yet: of all, of each leader, of each unit."""
    owner = principals.agency_mailbox(conn, agency_id)
    there = set(conn.execute(select(board.c.keeper_id).where(board.c.keeper_id.is_not(None))).scalars())
    roles = profile_of(conn, agency_id).boards.schedule
    office = tuple(boards.holding(conn, agency_id, [role for role in OFFICE if role in roles]))
    by_heads = "unit_head" in roles
    all_posts = principals.posts(conn, agency_id)
    leaders = [post for post in all_posts if post.role in LEADERS]
    led = {post.unit_id for post in leaders}
    units = [unit.principal for unit in principals.units(conn, agency_id) if unit.principal.id not in led]
    found = [(WHOLE, owner.id, office)]
    for post in leaders:
        own = (grants.in_charge(post.principal.id),) if by_heads else ()
        found.append((_name_of(conn, post, leaders, office_day(now)), post.principal.id, (*own, *office)))
    for unit in units:
        found.append((unit.name, unit.id, (grants.in_charge(unit.id),) if by_heads else office))
    # A plain folder of the name becomes the calendar, with what lies in it (`service.create_tx`).
    taken = {folder.name for folder in folders.list_of(conn, owner.id) if folder.behaviour is not None}
    return list(_named(taken, [one for one in found if one[1] not in there]))


def create_tx(tx: Tx, agency_id: int) -> list[Folder]:
    """Make the calendars that are not there yet. Raises Forbidden."""
    boards.require_designer(tx, agency_id)
    service.prepare_tx(tx, agency_id)
    owner_id = principals.agency_mailbox(tx.conn, agency_id).id
    return [
        service.create_tx(tx, owner_id, one.name, BoardKind.SCHEDULE, one.posters, keeper_id=one.keeper_id)
        for one in planned(tx.conn, agency_id, tx.now)
    ]


def asked_month(today: date) -> Month | None:
    """The month whose schedules are asked for on this day; None: it is too early."""
    following = calendars.month_of(today).following
    return following if today >= following.first_day - timedelta(days=ASKED_DAYS) else None


def unasked(conn: Connection, today: date) -> list[Calendar]:
    """The calendars without a schedule for the month to come, whose posters have not been written to."""
    month = asked_month(today)
    if month is None:
        return []
    query = (
        "SELECT b.folder_id, p.agency_id FROM board b JOIN folder f ON f.id = b.folder_id"
        " JOIN principal p ON p.id = f.owner_id WHERE b.keeper_id IS NOT NULL AND b.retired_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM board_reminder r WHERE r.folder_id = b.folder_id AND r.month = ?)"
        " ORDER BY b.folder_id"
    )
    found = [(folders.by_id(conn, one), agency_id) for one, agency_id in raw.rows(conn, query, (str(month),))]
    missing = [one for one in found if not calendars.is_there(conn, one[0].id, month)]
    return [Calendar(folder, agency_id) for folder, agency_id in missing]


def ask_tx(tx: Tx, blobs: BlobStore, one: Calendar, today: date) -> bool:
    """Write to those who post in a calendar, once for each month; whether a letter went.

    Both are one transaction: a worker that is killed neither forgets it nor writes twice.
    """
    month = asked_month(today)
    people = posters_now(tx.conn, one, tx.now) if month is not None else []
    if month is None or not people:
        return False
    noted = raw.row(
        tx.conn,
        "INSERT INTO board_reminder (folder_id, month, sent_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        " RETURNING folder_id",
        (one.folder.id, str(month), tx.now_ms),
    )
    if noted is None:
        return False
    office = principals.agency_mailbox(tx.conn, one.agency_id)
    subject = f"Chưa có lịch công tác tháng {month}: {one.folder.name}"
    text = (
        f"Thư mục “{one.folder.name}” chưa có lịch công tác tháng {month}.\n\n"
        f"Bạn là người đăng ở thư mục này: hãy đăng trước ngày {month.first_day:%d/%m/%Y} trên trang Thư mục chung"
        f" (chữ hoặc tệp kèm), hoặc chép vào thư mục một thư có tiêu đề ghi “tháng {month}”.\n"
    )
    notify_tx(tx, blobs, Notice(office, subject, text), people)
    audit.record_tx(tx, "board.schedule_asked", owner_id=office.id, folder=one.folder.name, month=str(month))
    return True


def ask_due(store: Store, today: date) -> int:
    """Look after all calendars; how many letters went. A calendar that cannot be told of does not stop the others."""
    sent = 0
    for one in store.db.read(lambda conn: unasked(conn, today)):
        try:
            sent += store.db.write(partial(ask_tx, blobs=store.blobs, one=one, today=today), SYSTEM)
        except (FolderMissing, MoveRefused) as error:
            log.warning("could not ask for a schedule", folder=one.folder.name, error=repr(error))
    return sent


def posters_now(conn: Connection, one: Calendar, now: datetime) -> list[Principal]:
    """The people who may post there today; nobody in particular where everybody may."""
    listed = {grantee for grantee, letters in acl.list_of(conn, one.folder.id).items() if letters >= POSTS}
    if grants.everybody(one.folder.owner_id) in listed:
        return []
    people = [who for who in principals.people(conn, one.agency_id) if who.status is Status.ACTIVE]
    return [who for who in people if not listed.isdisjoint(grants.reach_of(conn, who.id, now).faces)]


def _named(taken: Collection[str], wanted: Iterable[tuple[str, int, tuple[int, ...]]]) -> Iterable[Planned]:
    """Each under a name of its own."""
    used = set(taken)
    for label, keeper_id, posters in wanted:
        plain = f"{ABOVE}{SEPARATOR}{label.replace(SEPARATOR, '-')}"
        name = next(one for one in (plain, *(f"{plain} ({n})" for n in range(2, 1000))) if one not in used)
        used.add(name)
        yield Planned(name, keeper_id, posters)


def _name_of(conn: Connection, post: Post, leaders: Collection[Post], today: date) -> str:
    """Of a leader's post; with its holder where several posts are called the same."""
    name = post.principal.name
    holder_id = principals.holder(conn, post.principal.id, today)
    if holder_id is None or sum(one.principal.name == name for one in leaders) == 1:
        return name
    return f"{name} {principals.get(conn, holder_id).name}"
