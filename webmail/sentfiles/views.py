"""Handing over files: what came, what was sent, who fetched it; and the form that sends one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mailbox_policies.rules.sent_files import RULE, Settings
from mailbox_policies.sentfiles import coming, ending, links, reading
from mailbox_policies.sentfiles.coming import Coming
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.terms import outside_days
from webmail import streams
from webmail.auth.current import actor
from webmail.formats import full_when
from webmail.i18n import _
from webmail.notes import Undo, say
from webmail.sentfiles import downloading, words
from webmail.services import services
from webmail.streams import Stream

bp = Blueprint("sentfiles", __name__, url_prefix="/tep")

# Days that the form proposes.
USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class Page:
    """terms: what the agency allows. unsent: the person's files that are not sent yet. used: octets of the person's."""

    terms: Settings
    unsent: tuple[Coming, ...]
    used: int

    @property
    def outside_days(self) -> int:
        return outside_days(self.terms)


def desk() -> Desk:
    """The service; 404 where there is none."""
    return services().sent_files or abort(404)


@bp.get("/")
def index() -> ResponseReturnValue:
    """xem: "gui", what the person sent; else what came."""
    mine, who, now = request.args.get("xem") == "gui", actor(), services().clock()
    list_ = reading.sent if mine else lambda conn, who: reading.received(conn, who, now)
    found = services().store.db.read(lambda conn: list_(conn, who))
    return render_template("sentfiles/index.html", files=found, mine=mine, words=words, now=now)


@bp.get("/<int:file_id>")
def show(file_id: int) -> ResponseReturnValue:
    """One file, for its sender and its recipients. 404."""
    who, now = actor(), services().clock()
    found = services().store.db.read(lambda conn: reading.show(conn, who, file_id, now))
    terms = desk().settings_of(who.agency_id).get(RULE)
    most, outside = terms.days, outside_days(terms)
    return render_template("sentfiles/show.html", shown=found, words=words, now=now, most=most, outside=outside)


@bp.get("/<int:file_id>/tai")
def fetch(file_id: int) -> Response:
    """The file, to be saved; a part of it for Range (RFC 9110 §14.2). 404, 416, 503."""
    who, now, store = actor(), services().clock(), services().store
    file, pieces = store.db.read(
        lambda conn: (reading.may_fetch(conn, who, file_id, now), reading.stretches(conn, file_id))
    )

    def note(goes_on: bool) -> None:
        store.db.write(lambda tx: reading.note_tx(tx, file_id, goes_on=goes_on), who)

    def stream(octets: Iterator[bytes]) -> Stream:
        return streams.of_person(octets, who.principal_id)

    return downloading.answer(file, pieces, stream, note)


@bp.post("/<int:file_id>/dung")
def stop(file_id: int) -> ResponseReturnValue:
    """Nobody fetches it any more; for an hour it can be taken back. 303; 404, 409."""
    services().store.db.write(lambda tx: ending.stop_tx(tx, file_id), actor())
    back = Undo(url_for("sentfiles.reopen", file_id=file_id), ())
    say(_("Đã thu hồi tệp: không ai tải được nữa. Trong một giờ còn mở lại được."), back)
    return redirect(url_for("sentfiles.show", file_id=file_id), code=303)


@bp.post("/<int:file_id>/mo-lai")
def reopen(file_id: int) -> ResponseReturnValue:
    """303; 404, 409."""
    services().store.db.write(lambda tx: ending.reopen_tx(tx, file_id), actor())
    say(_("Đã mở lại tệp: người nhận tải được như trước."))
    return redirect(url_for("sentfiles.show", file_id=file_id), code=303)


@bp.post("/<int:file_id>/duong-dan/<int:link_id>/dung")
def end_link(file_id: int, link_id: int) -> ResponseReturnValue:
    """Somebody outside cannot fetch it any more. 303; 404, 409."""
    services().store.db.write(lambda tx: links.end_tx(tx, file_id, link_id), actor())
    back = Undo(url_for("sentfiles.restore_link", file_id=file_id, link_id=link_id), ())
    say(_("Đã thu hồi đường dẫn: người này không tải được nữa."), back)
    return redirect(url_for("sentfiles.show", file_id=file_id), code=303)


@bp.post("/<int:file_id>/duong-dan/<int:link_id>/mo-lai")
def restore_link(file_id: int, link_id: int) -> ResponseReturnValue:
    """303; 404, 409."""
    services().store.db.write(lambda tx: links.restore_tx(tx, file_id, link_id), actor())
    say(_("Đã mở lại đường dẫn."))
    return redirect(url_for("sentfiles.show", file_id=file_id), code=303)


@bp.post("/<int:file_id>/gia-han")
def extend(file_id: int) -> ResponseReturnValue:
    """Form: days from now on. 303; 404, 409."""
    days = request.form.get("days", type=int) or USUAL_DAYS
    own = desk()
    until = services().store.db.write(lambda tx: ending.extend_tx(tx, own, file_id, days), actor())
    say(_("Tệp được giữ đến %(when)s.", when=full_when(until)))
    return redirect(url_for("sentfiles.show", file_id=file_id), code=303)


@bp.post("/<int:file_id>/bo")
def discard(file_id: int) -> ResponseReturnValue:
    """Throw away a file that has not been sent. 303; 404."""
    services().store.db.write(lambda tx: ending.discard_tx(tx, file_id), actor())
    say(_("Đã bỏ tệp chưa gửi."))
    return redirect(url_for("sentfiles.new"), code=303)


def page() -> Page:
    """What the form shows beside itself. Raises TurnedOff."""
    who = actor()
    terms = desk().terms(who)
    read = services().store.db.read
    return Page(terms, tuple(read(lambda conn: coming.unsent(conn, who))), read(lambda conn: coming.used(conn, who)))
