"""The agency's shared folders: the list with what is unread, one folder, posting, and taking one's own down."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.boards import listing, service
from mailserver.boards.calendars import month_of
from mailserver.boards.kinds import BoardKind
from mailserver.boards.listing import Board, Post
from mailserver.store import quota
from mailserver.store.database import Tx
from mailserver.store.errors import (
    FolderExists,
    FolderNameInvalid,
    GranteeMissing,
    MoveRefused,
    OverQuota,
    TooManyShares,
)
from mailserver.store.quota import Amount
from mailserver.store.sharing import Grantee
from routing import boards as rules
from routing import calendars
from routing.calendars import Planned
from routing.moderation import cases
from routing.moderation.cases import Case
from routing.standing import standing_of
from webmail.auth.current import actor, current_user
from webmail.boards import posting, words
from webmail.formats import today
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("boards", __name__, url_prefix="/thu-muc-chung")


@dataclass(frozen=True, slots=True)
class Page:
    """posters: whom the list lets post. design: whether the reader may change the folder. hidden: own posts that
    others do not see. former: the post that is being changed. address: to
    which posts are sent by mail, "" for none."""

    board: Board
    posts: tuple[Post, ...]
    posters: tuple[Grantee, ...]
    design: bool
    hidden: tuple[Case, ...]
    former: posting.Former | None
    address: str


@dataclass(frozen=True, slots=True)
class Overview:
    """reports: how many wait for the reader; None for who has nothing to do with them. planned: calendars that the
    reader may make."""

    boards: list[Board]
    design: bool
    reports: int | None
    planned: tuple[Planned, ...]


@bp.get("/")
def index() -> str:
    """All shared folders of the reader's agency."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> Overview:
        standing, design = standing_of(conn, who, now), rules.may_design(conn, who, now)
        reports = cases.waiting(conn, standing) if cases.may_list(standing) else None
        planned = calendars.planned(conn, current_user().agency_id, now) if design else []
        return Overview(rules.boards(conn, who, now), design, reports, tuple(planned))

    view = services().store.db.read(read)
    return render_template("boards/index.html", view=view, kinds=words.kinds())


@bp.post("/")
def create() -> ResponseReturnValue:
    """Form: name, kind, poster (an address, or empty). 303 to the new folder; 404 for who may not make any."""
    name, kind, poster = (request.form.get(key, "").strip() for key in ("name", "kind", "poster"))
    if kind not in set(BoardKind):
        raise UnprocessableEntity
    agency_id, by = current_user().agency_id, actor()
    try:
        made = services().store.db.write(lambda tx: rules.create_tx(tx, agency_id, name, BoardKind(kind), poster), by)
    except (FolderExists, FolderNameInvalid, GranteeMissing) as fault:
        say(_why(fault), error=True)
        return redirect(url_for("boards.index"), code=303)
    say(_("Đã tạo thư mục “%(name)s”.", name=made.name))
    return redirect(url_for("boards.show", folder_id=made.id), code=303)


@bp.post("/lich-cong-tac")
def create_calendars() -> ResponseReturnValue:
    """Make the calendars of leaders and units that are not there yet. 303 to the list; 404 for who may not."""
    agency_id = current_user().agency_id
    made = services().store.db.write(lambda tx: calendars.create_tx(tx, agency_id), actor())
    say(_("Đã tạo %(n)s thư mục lịch công tác.", n=len(made)))
    return redirect(url_for("boards.index"), code=303)


@bp.get("/<int:folder_id>")
def show(folder_id: int) -> str:
    """The posts, newest first. 404 for who may not read them."""
    return _page(folder_id)


@bp.post("/<int:folder_id>/dang")
def post(folder_id: int) -> ResponseReturnValue:
    """Form: subject, text, files; replaces: the uid of an own post that this is a new version of, keep: its files.

    303 back; the page again with what is missing (422), or with the refusal.
    """
    try:
        replaced = identifier(request.form.get("replaces"))
    except ValueError:
        raise UnprocessableEntity from None
    db = services().store.db
    kept = db.read(lambda conn: posting.kept_files(conn, folder_id, replaced)) if replaced else []
    try:
        message = posting.written(kept)
    except posting.NotPosted as fault:
        return _page(folder_id, str(fault), replaced, fault.field), 422

    def work(tx: Tx) -> None:
        folder = listing.get(tx.conn, tx.actor, folder_id, tx.now).folder
        quota.require_room(tx.conn, folder.owner_id, Amount(message.scanned.size, 1))
        if replaced:
            service.replace_tx(tx, folder, replaced, message)
        else:
            service.post_tx(tx, folder, message)

    try:
        db.write(work, actor())
    except MoveRefused as refusal:
        return _page(folder_id, refusal.sentence, replaced), 409
    except OverQuota:
        return _page(folder_id, _("Thư mục chung đã hết chỗ. Hãy báo quản trị."), replaced), 409
    else:
        say(_("Đã sửa bài; bản trước được lưu.") if replaced else _("Đã đăng bài."))
    return _back(folder_id)


@bp.get("/<int:folder_id>/<int:uid>/sua")
def edit(folder_id: int, uid: int) -> str:
    """The page of the folder with an own post in the form. 404 for who may not read it."""
    return _page(folder_id, edited=uid)


@bp.post("/<int:folder_id>/go")
def take_down(folder_id: int) -> ResponseReturnValue:
    """Form: uid of an own post. 303 back, with the way to undo it."""
    uid = _uid()

    def work(tx: Tx) -> int | None:
        return service.take_down_tx(tx, listing.get(tx.conn, tx.actor, folder_id, tx.now).folder, uid)

    try:
        there = services().store.db.write(work, actor())
    except MoveRefused as refusal:
        say(refusal.sentence, error=True)
        return _back(folder_id)
    undo = Undo(url_for("boards.put_back", folder_id=folder_id), (("uid", str(there)),)) if there else None
    say(_("Đã gỡ bài."), undo)
    return _back(folder_id)


@bp.post("/<int:folder_id>/dua-lai")
def put_back(folder_id: int) -> ResponseReturnValue:
    """Form: uid where the post lies since it was taken down. 303 back."""
    uid = _uid()

    def work(tx: Tx) -> None:
        service.put_back_tx(tx, listing.get(tx.conn, tx.actor, folder_id, tx.now).folder, uid)

    try:
        services().store.db.write(work, actor())
    except MoveRefused as refusal:
        say(refusal.sentence, error=True)
    return _back(folder_id)


@bp.post("/<int:folder_id>/thiet-ke")
def design(folder_id: int) -> ResponseReturnValue:
    """Form: do: rename (name), add or remove (poster), retire, reopen. 303 back; 404 for who may not."""
    what, name, poster = (request.form.get(key, "").strip() for key in ("do", "name", "poster"))
    if what not in ("rename", "add", "remove", "retire", "reopen"):
        raise UnprocessableEntity

    def work(tx: Tx) -> None:
        folder = rules.design_tx(tx, folder_id)
        if what == "rename":
            service.rename_tx(tx, folder, name)
        elif what == "add":
            service.add_poster_tx(tx, folder, poster)
        elif what == "remove":
            service.remove_poster_tx(tx, folder, poster)
        else:
            service.retire_tx(tx, folder, back=what == "reopen")

    try:
        services().store.db.write(work, actor())
    except (FolderExists, FolderNameInvalid, GranteeMissing, TooManyShares) as fault:
        say(_why(fault), error=True)
        return _back(folder_id)
    back = {"retire": "reopen", "reopen": "retire", "add": "remove", "remove": "add"}.get(what)
    fields = (("do", back or ""), ("poster", poster))
    say(_("Đã lưu."), Undo(url_for("boards.design", folder_id=folder_id), fields) if back else None)
    return _back(folder_id)


def _page(folder_id: int, error: str = "", edited: int = 0, field: str = "") -> str:
    """field: which of the form the error is about, "" for none."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> Page:
        found = listing.get(conn, who, folder_id, now)
        posts, posters = listing.posts_of(conn, who, found.folder), listing.posters_of(conn, found.folder)
        hidden = cases.own_hidden(conn, current_user().principal_id, folder_id)
        own = any(one.own and one.line.uid == edited for one in posts)
        former = posting.former(conn, folder_id, edited) if own else None
        address = service.address_of(conn, current_user().agency_id, folder_id) if found.posting else ""
        design = rules.may_design(conn, who, now)
        return Page(found, tuple(posts), tuple(posters), design, tuple(hidden), former, address)

    view = services().store.db.read(read)
    subject = ""
    if view.board.kind is BoardKind.SCHEDULE:
        subject = f"Lịch công tác tháng {month_of(today()).following}"  # as whoever asks for it looks for
    wrong = {"error": error, "field": field}
    return render_template("boards/show.html", view=view, kinds=words.kinds(), words=words, subject=subject, **wrong)


def _back(folder_id: int) -> ResponseReturnValue:
    return redirect(url_for("boards.show", folder_id=folder_id), code=303)


def _uid() -> int:
    try:
        return identifier(request.form.get("uid"))
    except ValueError:
        raise UnprocessableEntity from None


def _why(fault: FolderExists | FolderNameInvalid | GranteeMissing | TooManyShares) -> str:
    match fault:
        case FolderExists():
            return _("Đã có thư mục mang tên này.")
        case FolderNameInvalid():
            return _("Tên thư mục không hợp lệ.")
        case GranteeMissing():
            return _("Cơ quan không có địa chỉ này.")
        case TooManyShares():
            return _("Quá nhiều người được đăng; hãy dùng nhóm.")
