"""The queue of outgoing mail: what the agency's people sent and has not left yet, and where a message went.

Administrators see addresses, times and the answers of servers, never a subject or a word of a message.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailserver.outbound import listing, tracing
from mailserver.outbound.acts import Act, act_tx
from mailserver.outbound.listing import Line, NoSuchOutgoing, OutgoingMail
from mailserver.outbound.states import State
from mailserver.outbound.tracing import Trace
from mailserver.store.errors import Forbidden
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.notes import say
from webmail.paging import last_page
from webmail.queue import words
from webmail.services import services

bp = Blueprint("queue", __name__, url_prefix="/hang-doi")

CAPABILITY = "manage_accounts"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue."""

    items: list[OutgoingMail]
    total: int
    page: int

    @property
    def last(self) -> int:
        return last_page(self.total, PER_PAGE)

    def url(self, page: int) -> str:
        return url_for("queue.index", trang=page)


@bp.get("/")
def index() -> ResponseReturnValue:
    """What waits, the oldest first. trang: page. 404 for who is no administrator."""
    agency_id, now = _agency(), services().clock()
    wanted = max(1, request.args.get("trang", 1, type=int))

    def read(conn: Connection) -> Page:
        items = listing.waiting(conn, now, agency_id, PER_PAGE, (wanted - 1) * PER_PAGE)
        return Page(items, listing.count(conn, agency_id), wanted)

    return render_template("queue/index.html", page=services().store.db.read(read), words=words)


@bp.get("/<int:outbound_id>")
def show(outbound_id: int) -> ResponseReturnValue:
    """One message and all that happened to it. 404 if it is not of this agency."""
    agency_id, now = _agency(), services().clock()

    def read(conn: Connection) -> tuple[OutgoingMail, list[Line]]:
        return listing.get(conn, outbound_id, now, agency_id), listing.story(conn, outbound_id)

    try:
        mail, story = services().store.db.read(read)
    except NoSuchOutgoing:
        abort(404)
    acts = [act for act in (Act.RETRY, Act.HOLD, Act.RELEASE) if _fits(act, mail)]
    return render_template("queue/show.html", mail=mail, story=story, acts=acts, words=words)


@bp.get("/<int:outbound_id>/bo")
def give_up(outbound_id: int) -> ResponseReturnValue:
    """Ask once more before a message is given up. 404 if it is not of this agency."""
    agency_id, now = _agency(), services().clock()
    try:
        mail = services().store.db.read(lambda conn: listing.get(conn, outbound_id, now, agency_id))
    except NoSuchOutgoing:
        abort(404)
    return render_template("queue/delete.html", mail=mail)


@bp.post("/<int:outbound_id>")
def act(outbound_id: int) -> ResponseReturnValue:
    """Form: do, an Act. 303 to the message, or to the queue where it is over now; 404, 422."""
    agency_id = _agency()
    try:
        wanted = Act(request.form.get("do", ""))
    except ValueError:
        abort(422)
    try:
        count = services().store.db.write(lambda tx: act_tx(tx, wanted, outbound_id, agency_id), actor())
    except NoSuchOutgoing:
        abort(404)
    if count:
        say(words.done(wanted))
    else:
        say(_("Thư này vừa thay đổi, không còn gì để làm."), error=True)
    if wanted is Act.DELETE and count:
        return redirect(url_for("queue.index"), code=303)
    return redirect(url_for("queue.show", outbound_id=outbound_id), code=303)


@bp.get("/theo-doi")
def trace() -> ResponseReturnValue:
    """Where a message went. id: its Message-ID, with or without angle brackets."""
    agency_id, now = _agency(), services().clock()
    asked = request.args.get("id", "").strip()
    found = Trace((), ())
    if asked:
        found = services().store.db.read(lambda conn: tracing.trace(conn, asked, now, agency_id))
    return render_template("queue/trace.html", asked=asked, found=found, words=words)


def _agency() -> int:
    """The agency of the administrator who asks. Raises Forbidden, which looks like a page that is not there."""
    user = current_user()
    if CAPABILITY not in user.capabilities:
        raise Forbidden("a")
    return user.agency_id


def _fits(act: Act, mail: OutgoingMail) -> bool:
    """Whether a button for it makes sense."""
    wanted = State.HELD if act is Act.RELEASE else State.WAITING
    return any(one.state is wanted for one in mail.recipients)
