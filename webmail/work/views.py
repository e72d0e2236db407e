"""Việc của tôi: what waits for the reader, most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from sqlalchemy import Connection

from mailserver.directory import websessions
from routing.comments import access as comments
from routing.types import DocumentSummary, Work, WorkItem
from routing.work import my_work
from webmail.auth.current import actor, current_user
from webmail.formats import today as today_
from webmail.i18n import _
from webmail.services import services

bp = Blueprint("work", __name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that opens the list it counts."""

    label: str
    count: int
    url: str
    icon: str
    main: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One list of the page; of items and documents one is empty."""

    key: str
    label: str
    icon: str
    items: tuple[WorkItem, ...] = ()
    documents: tuple[DocumentSummary, ...] = ()


@bp.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("work.today"), code=303)


@bp.get("/viec")
def today() -> ResponseReturnValue:
    """The landing page: the role's own queue first."""
    who, now = actor(), services().clock()
    session, acts_for = current_user().session, current_user().acts_for

    def read(conn: Connection) -> tuple[Work, int, tuple[datetime, str] | None]:
        return my_work(conn, who, now), comments.waiting(conn, acts_for), websessions.opened_before(conn, session)

    found, asked, before = services().store.db.read(read)
    groups = [group for group in _groups(found) if group.items or group.documents]
    written = format_date(today_(), "EEEE, dd/MM/yyyy")
    return render_template(
        "work/today.html", groups=groups, tiles=_tiles(found, groups, asked), today=written.capitalize(), before=before
    )


def _groups(found: Work) -> list[Group]:
    return [
        Group("cho-trinh", _("Đã vào sổ, chờ trình"), "send", documents=found.to_submit),
        Group("cho-chi-dao", _("Chờ chỉ đạo"), "message-square", found.to_direct),
        Group("cho-giao", _("Chờ giao người xử lý"), "user-plus", found.to_assign),
        Group("duoc-giao", _("Được giao"), "list-todo", found.to_handle),
        Group("gia-han", _("Xin gia hạn, chờ quyết định"), "hourglass", documents=found.to_extend),
        Group("de-biet", _("Để biết"), "eye", found.for_information),
    ]


def _tiles(found: Work, groups: list[Group], asked: int) -> list[Tile]:
    """asked: how many comments are wanted."""
    tiles = []
    if current_user().may_register:
        tiles.append(Tile(_("Chờ vào sổ"), found.intake, url_for("documents.desk"), "stamp", main=found.intake > 0))
    if found.overdue:
        first = next(group.key for group in groups if any(item.overdue for item in group.items))
        tiles.append(Tile(_("Quá hạn"), len(found.overdue), f"#{first}", "octagon-alert", late=True))
    tiles += [Tile(one.label, len(one.items or one.documents), f"#{one.key}", one.icon) for one in groups]
    if asked:
        tiles.append(Tile(_("Cần cho ý kiến"), asked, url_for("comments.index"), "message-square"))
    return tiles
