"""The mail of a shared mailbox by where it stands: what nobody has, what each has, what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, func, or_, select

from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.mailboxes import NOTICE_KEYWORD
from mailserver.directory.principals import get_many
from mailserver.store import access
from mailserver.store.flags import Flag
from mailserver.store.schema import entry, message
from mailserver.teams import viewers
from mailserver.teams.folders import ENDED, WORKING, folder_of, inbox_of, require_shared
from mailserver.teams.schema import team_mail
from mailserver.teams.states import NEW, State
from mailserver.teams.viewers import Viewer

MOST_LINES = 200


@unique
class Tab(StrEnum):
    WAITING = "cho"
    MINE = "toi"
    GIVEN = "giao"
    DONE = "xong"


@dataclass(frozen=True, slots=True)
class Line:
    """folder_id, uid: where it lies. arrived, changed_at: aware, UTC. handler, by: names, "" for nobody.

    late: it waits for longer than it may.
    """

    message_pk: int
    folder_id: int
    uid: int
    answered: bool
    arrived: datetime
    subject: str
    sender: str
    preview: str
    attachments: int
    state: State
    handler_id: int | None
    handler: str
    note: str
    changed_at: datetime | None
    late: bool
    viewers: tuple[Viewer, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """counts: by tab, of everything; late: how many wait for longer than they may."""

    lines: tuple[Line, ...]
    counts: Mapping[Tab, int] = field(default_factory=dict)
    late: int = 0


def read(conn: Connection, actor: Actor, owner_id: int, tab: Tab, now: datetime, limit: timedelta | None) -> Queue:
    """limit: after which a message that nobody has taken is late; None: never.

    Raises FolderMissing, Forbidden for who may not handle the mailbox.
    """
    require_shared(conn, owner_id)
    rights = access.work_rights(conn, actor, owner_id, now)
    for right in "lri":
        access.check(rights, right, str(owner_id))
    latest = None if limit is None else int((now - limit).timestamp())
    rows = _rows(conn, actor, owner_id, tab)
    names = {key: one.name for key, one in get_many(conn, {row.handler_id for row in rows if row.handler_id}).items()}
    seen = viewers.now_on(conn, owner_id, [row.message_pk for row in rows], now, but=actor.principal_id)
    lines = tuple(_line(row, tab, names, latest, seen) for row in rows)
    return Queue(lines, _counts(conn, actor, owner_id), _late(conn, owner_id, latest))


def _rows(conn: Connection, actor: Actor, owner_id: int, tab: Tab) -> Sequence[Row[Any]]:
    columns = (entry.c.message_pk, entry.c.folder_id, entry.c.uid, entry.c.flags, entry.c.internal_date)
    shown = (message.c.subject, message.c.sender, message.c.preview, message.c.attachments)
    state = (team_mail.c.state, team_mail.c.handler_id, team_mail.c.note, team_mail.c.changed_at)
    first = entry.c.internal_date if tab is not Tab.DONE else entry.c.uid.desc()
    query: Select[Any] = (
        select(*columns, *shown, *state)
        .select_from(_joined(owner_id).join(message, message.c.id == entry.c.message_pk))
        .where(*_wanted(conn, actor, owner_id, tab))
        .order_by(first, entry.c.uid)
        .limit(MOST_LINES)
    )
    return conn.execute(query).all()


def _counts(conn: Connection, actor: Actor, owner_id: int) -> dict[Tab, int]:
    return {
        tab: int(
            conn.execute(
                select(func.count()).select_from(_joined(owner_id)).where(*_wanted(conn, actor, owner_id, tab))
            ).scalar_one()
        )
        for tab in Tab
    }


def _joined(owner_id: int) -> FromClause:
    same = and_(team_mail.c.owner_id == owner_id, team_mail.c.message_pk == entry.c.message_pk)
    return entry.outerjoin(team_mail, same)


def _wanted(conn: Connection, actor: Actor, owner_id: int, tab: Tab) -> list[ColumnElement[bool]]:
    """Which entries a tab shows; what is marked for deletion is in none."""
    kept = entry.c.flags.op("&")(int(Flag.DELETED)) == 0
    if tab is Tab.WAITING:
        # What the program tells is nobody's work, unless somebody made it theirs.
        work = and_(team_mail.c.state.is_(None), entry.c.keywords.not_like(f"%{NOTICE_KEYWORD}%"))
        new = or_(work, team_mail.c.state == NEW.value)
        return [entry.c.folder_id == inbox_of(conn, owner_id), kept, new]
    working = entry.c.folder_id == folder_of(conn, owner_id, WORKING)
    if tab is Tab.MINE:
        return [working, kept, team_mail.c.handler_id == actor.principal_id]
    if tab is Tab.GIVEN:
        return [working, kept, func.coalesce(team_mail.c.handler_id, 0) != (actor.principal_id or 0)]
    return [entry.c.folder_id == folder_of(conn, owner_id, ENDED), kept]


def _late(conn: Connection, owner_id: int, latest: int | None) -> int:
    if latest is None:
        return 0
    wanted = _wanted(conn, SYSTEM, owner_id, Tab.WAITING)
    query = select(func.count()).select_from(_joined(owner_id)).where(*wanted, entry.c.internal_date < latest)
    return int(conn.execute(query).scalar_one())


def _line(
    row: Row[Any], tab: Tab, names: Mapping[int, str], latest: int | None, seen: Mapping[int, tuple[Viewer, ...]]
) -> Line:
    """A message in a folder of work that nobody has brought there by an act stands as the folder says."""
    by_folder = {Tab.WAITING: NEW, Tab.DONE: State.DONE}.get(tab, State.TAKEN)
    return Line(
        message_pk=row.message_pk,
        folder_id=row.folder_id,
        uid=row.uid,
        answered=bool(row.flags & Flag.ANSWERED),
        arrived=datetime.fromtimestamp(row.internal_date, UTC),
        subject=row.subject,
        sender=row.sender,
        preview=row.preview,
        attachments=row.attachments,
        state=State(row.state) if row.state else by_folder,
        handler_id=row.handler_id,
        handler=names.get(row.handler_id, ""),
        note=row.note or "",
        changed_at=row.changed_at,
        late=tab is Tab.WAITING and latest is not None and row.internal_date < latest,
        viewers=seen.get(row.message_pk, ()),
    )
