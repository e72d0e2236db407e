"""Comment requests: what is asked of the reader, what the reader has asked, a new one, one with its answers.

Rights are `routing.comments.access`'s; what somebody may not know of is 404.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.store.database import Tx
from routing.comments import access, answering, asking, deciding
from routing.comments.answering import Reply
from routing.comments.replies import Said
from routing.comments.states import Act
from routing.errors import DocumentMissing, Incomplete
from routing.standing import standing_of
from webmail.auth.current import actor
from webmail.comments import forms, pages, words
from webmail.downloads import download
from webmail.formats import local, now
from webmail.i18n import _, choose
from webmail.mail.outgoing import ref
from webmail.mail.reading import File
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("comments", __name__, url_prefix="/lay-y-kien")

# What takes an act back; EXTEND is taken back by the due moment that was before.
_BACK = {Act.CLOSE: Act.REOPEN, Act.REOPEN: Act.CLOSE, Act.WITHDRAW: Act.REOPEN}


@bp.get("/")
def index() -> str:
    """Both lists."""
    who, moment = actor(), services().clock()
    view = services().store.db.read(lambda conn: pages.index(conn, who, moment))
    return render_template("comments/index.html", view=view, words_of=words)


@bp.get("/moi")
def new() -> str:
    """The form of a new one. `thu`: a mail, "folder.uid", whose files it begins with."""
    return _form()


@bp.post("/moi")
def ask() -> ResponseReturnValue:
    """Form: see `forms.wish`; thu as above. 303 to the request; 422 and the form."""
    try:
        made = asking.ask(services().store, actor(), forms.wish(), services().clock())
    except Incomplete as refusal:
        return _form(refusal.sentence(choose()), refusal.field), 422
    except forms.Refused as refusal:
        return _form(str(refusal), "files"), 422
    here = url_for("comments.act", request_id=made)
    say(_("Đã gửi thư hỏi ý kiến."), Undo(here, (("do", Act.WITHDRAW.value),)))
    return redirect(url_for("comments.show", request_id=made), code=303)


@bp.get("/<int:request_id>")
def show(request_id: int) -> str:
    """One request: for who was asked the question and the form of the answer, for the asker the table of answers."""
    return _page(request_id)


@bp.get("/<int:request_id>/bang-tong-hop")
def summary(request_id: int) -> str:
    """The table of answers, to be printed. 404 for who may not read all of them."""
    view = _read(request_id)
    if not view.seen.whole:
        raise DocumentMissing
    return render_template("comments/summary.html", view=view, words_of=words)


@bp.post("/<int:request_id>/tra-loi")
def answer(request_id: int) -> ResponseReturnValue:
    """Form: invitee, text, none ("1": không có ý kiến, text is the reason), files. 303; 404, 409, 422."""
    invitee_id = forms.number(request.form.get("invitee"))
    said = Said(request.form.get("text", "").strip(), declined=request.form.get("none") == "1")
    try:
        reply = Reply(request_id, invitee_id, said, forms.files())
        answering.answer(services().store, actor(), reply, services().clock())
    except Incomplete as refusal:
        return _page(request_id, refusal.sentence(choose())), 422
    except forms.Refused as refusal:
        return _page(request_id, str(refusal)), 422
    say(_("Đã gửi ý kiến; trước hạn có thể sửa."))
    return redirect(url_for("comments.show", request_id=request_id), code=303)


@bp.post("/<int:request_id>/viec")
def act(request_id: int) -> ResponseReturnValue:
    """Form: do, an Act of the asker; due for EXTEND. 303 to the request; 403, 404, 409, 422."""
    wanted = next((one for one in words.ACTS if one.value == request.form.get("do")), None)
    if wanted is None:
        raise UnprocessableEntity
    blobs = services().store.blobs
    try:
        due_at = forms.due() if wanted is Act.EXTEND else None
    except Incomplete as refusal:
        return _page(request_id, refusal.sentence(choose())), 422

    def work(tx: Tx) -> tuple[tuple[str, str], ...]:
        """The fields that take it back; () where nothing does."""
        if due_at is not None:
            before = deciding.extend_tx(tx, blobs, request_id, due_at)
            return (("do", wanted.value), ("due", before.isoformat())) if before > tx.now else ()
        if wanted is Act.CLOSE:
            deciding.close_tx(tx, request_id)
        elif wanted is Act.WITHDRAW:
            deciding.withdraw_tx(tx, blobs, request_id)
        else:
            deciding.reopen_tx(tx, blobs, request_id)
        return (("do", _BACK[wanted].value),)

    try:
        back = services().store.db.write(work, actor())
    except Incomplete as refusal:
        return _page(request_id, refusal.sentence(choose())), 422
    say(words.done(wanted), Undo(url_for("comments.act", request_id=request_id), back) if back else None)
    return redirect(url_for("comments.show", request_id=request_id), code=303)


@bp.post("/<int:request_id>/them")
def add(request_id: int) -> ResponseReturnValue:
    """Form: people (many). 303 to the request; 403, 404, 409, 422."""
    try:
        count = asking.add(services().store, actor(), request_id, forms.people(), services().clock())
    except Incomplete as refusal:
        return _page(request_id, refusal.sentence(choose())), 422
    say(_("Đã hỏi thêm %(n)s nơi.", n=count))
    return redirect(url_for("comments.show", request_id=request_id), code=303)


@bp.get("/<int:request_id>/tep/<part>")
def file(request_id: int, part: str) -> ResponseReturnValue:
    """A file that was sent along. 404 for strangers, and for no such file."""
    who, moment, store = actor(), services().clock(), services().store

    def read(conn: Connection) -> tuple[File, bytes]:
        found = access.see(conn, standing_of(conn, who, moment), request_id, moment).request
        return pages.file(conn, store, found, part)

    facts, data = store.db.read(read)
    return download(data, facts.filename, facts.media_type)


def _read(request_id: int) -> pages.Show:
    who, moment = actor(), services().clock()
    return services().store.db.read(lambda conn: pages.show(conn, who, request_id, moment))


def _page(request_id: int, error: str = "") -> str:
    view = _read(request_id)
    due = local(view.request.due_at).strftime("%Y-%m-%dT%H:%M")
    return render_template("comments/show.html", view=view, words_of=words, Act=Act, error=error, due=due)


def _form(error: str = "", wrong: str = "") -> str:
    """wrong: the name of the field that the error is about."""
    who, moment, source = actor(), services().clock(), ref(request.values.get("thu"))
    view = services().store.db.read(lambda conn: pages.form(conn, who, moment, source))
    return render_template("comments/new.html", view=view, source=source, error=error, wrong=wrong, earliest=now())
