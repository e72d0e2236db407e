"""Posts that somebody finds unfit: reported by readers, hidden by administrators, decided as the regulation says."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.wrappers import Response

from mailserver.boards import listing
from mailserver.directory import principals
from mailserver.store import listing as lines
from mailserver.store.errors import StoreUnavailable
from mailserver.store.messages import read_octets
from routing.errors import DocumentMissing, Incomplete, RoutingError
from routing.moderation import acting, cases
from routing.moderation.cases import Case, Seen
from routing.moderation.states import Act
from routing.standing import standing_of
from webmail import previews
from webmail.auth.current import actor, current_user
from webmail.boards import words
from webmail.downloads import download
from webmail.i18n import _
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("board_reports", __name__, url_prefix="/thu-muc-chung")
# What takes an act back.
BACK = {Act.HIDE: Act.SHOW, Act.PROPOSE: Act.WITHDRAW, Act.DELETE: Act.SHOW}


@dataclass(frozen=True, slots=True)
class Page:
    """A case with the names of the people in it."""

    seen: Seen
    names: dict[int, str]


@bp.get("/bai-bi-bao/")
def index() -> str:
    """The reported posts of the agency. 404 for who neither moderates nor decides."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[list[Case], dict[int, str], dict[int, str]]:
        standing = standing_of(conn, who, now)
        if not cases.may_list(standing):
            raise DocumentMissing()
        found = cases.listing(conn, standing)
        people = principals.get_many(conn, {one.author_id for one in found if one.author_id is not None})
        return found, {key: one.name for key, one in people.items()}, cases.folder_names(conn, found)

    found, names, folders = services().store.db.read(read)
    return render_template("boards/reports.html", cases=found, names=names, folders=folders, words=words)


@bp.get("/bai-bi-bao/<int:case_id>")
def show(case_id: int) -> str:
    """One reported post, what it says and what was done. 404 for whom it does not concern."""
    return _page(case_id)


@bp.post("/bai-bi-bao/<int:case_id>")
def act(case_id: int) -> ResponseReturnValue:
    """Form: do, an Act; reason. 303 back, with the way to undo it; 404, 422."""
    try:
        wanted = Act(request.form.get("do", ""))
    except ValueError:
        raise UnprocessableEntity from None
    reason, blobs = request.form.get("reason", "").strip(), services().store.blobs
    try:
        services().store.db.write(lambda tx: acting.act_tx(tx, blobs, case_id, wanted, reason), actor())
    except Incomplete as missing:
        return _page(case_id, missing.sentence(current_user().locale)), 422
    except DocumentMissing:
        raise
    except RoutingError as refusal:
        say(refusal.sentence(current_user().locale), error=True)
    else:
        url = url_for("board_reports.act", case_id=case_id)
        back = BACK.get(wanted)
        say(words.done(wanted), Undo(url, (("do", back.value),)) if back else None)
    return redirect(url_for("board_reports.show", case_id=case_id), code=303)


@bp.get("/bai-bi-bao/<int:case_id>/ban-goc")
def original(case_id: int) -> Response:
    """The post as mail, with its files. 404 as `show`."""
    octets = _octets(_seen(case_id).seen.case)
    if octets is None:
        raise DocumentMissing()
    return download(octets, f"bai-{case_id}.eml", "message/rfc822")


@bp.get("/<int:folder_id>/<int:uid>/bao")
def ask(folder_id: int, uid: int) -> str:
    """The form that reports a post. 404 for who may not read it."""
    return _form(folder_id, uid)


@bp.post("/<int:folder_id>/<int:uid>/bao")
def report(folder_id: int, uid: int) -> ResponseReturnValue:
    """Form: reason. 303 to the folder; the form again without one (422)."""
    reason, blobs = request.form.get("reason", "").strip(), services().store.blobs
    try:
        services().store.db.write(lambda tx: acting.report_tx(tx, blobs, folder_id, uid, reason), actor())
    except Incomplete as missing:
        return _form(folder_id, uid, missing.sentence(current_user().locale)), 422
    say(_("Đã báo bài này cho quản trị. Cảm ơn bạn."))
    return redirect(url_for("boards.show", folder_id=folder_id), code=303)


def _form(folder_id: int, uid: int, error: str = "") -> str:
    who, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[listing.Board, lines.Line]:
        board = listing.get(conn, who, folder_id, now)
        found = lines.line(conn, folder_id, uid)
        if found is None:
            raise DocumentMissing()
        return board, found

    board, line = services().store.db.read(read)
    return render_template("boards/report.html", board=board, line=line, error=error, most=acting.MOST_REASON)


def _page(case_id: int, error: str = "") -> str:
    view = _seen(case_id)
    octets = _octets(view.seen.case)
    shown = {"preview": previews.of(octets) if octets is not None else None, "error": error, "words": words}
    ordered = [one for one in Act if one in view.seen.acts]
    return render_template("boards/case.html", view=view, acts=ordered, most=acting.MOST_REASON, **shown)


def _seen(case_id: int) -> Page:
    who, now = actor(), services().clock()

    def read(conn: Connection) -> Page:
        seen = cases.see(conn, standing_of(conn, who, now), case_id)
        ids = {step.actor_id for step in seen.steps} | ({seen.case.author_id} if seen.case.author_id else set())
        return Page(seen, {key: one.name for key, one in principals.get_many(conn, ids).items()})

    return services().store.db.read(read)


def _octets(case: Case) -> bytes | None:
    """None once the post is gone for good."""
    store = services().store
    try:
        return store.db.read(lambda conn: read_octets(conn, store.blobs, case.message_pk))
    except StoreUnavailable:
        return None
