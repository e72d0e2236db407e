"""Envelopes: for clerks the form, the list and the paper book's numbers; for others what waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory import principals
from mailserver.directory.records import Kind, Principal, Status
from routing.envelopes import paper_book, stubs
from routing.envelopes.ranges import Range
from routing.envelopes.stubs import Stub, Wish
from routing.errors import Incomplete
from routing.inspection.people import mailboxes
from routing.profile import profile_of
from routing.standing import standing_of
from routing.types import Secrecy
from webmail.auth.current import actor, current_user
from webmail.documents import words
from webmail.i18n import _, choose
from webmail.identifiers import identifier
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("envelopes", __name__, url_prefix="/vo-bi")

MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    stub: Stub
    addressee: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Page:
    """clerk: may enter. secret: envelopes of secret documents may be noted. addressees: whom a clerk chooses from."""

    lines: tuple[Line, ...]
    clerk: bool
    secret: bool
    addressees: tuple[Principal, ...]
    ranges: tuple[Range, ...]


@bp.get("/")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/")
def enter() -> ResponseReturnValue:
    """Form: sender, code, secrecy, addressee. 303; 403, 422."""
    store = services().store
    try:
        secrecy = Secrecy(identifier(request.form.get("secrecy")))
        addressee = identifier(request.form.get("addressee"))
    except ValueError:
        raise UnprocessableEntity from None
    wish = Wish(request.form.get("sender", ""), request.form.get("code", ""), secrecy, addressee)
    try:
        made = store.db.write(lambda tx: stubs.enter_tx(tx, store.blobs, wish), actor())
    except Incomplete as refusal:
        return _page(refusal.sentence(choose())), 422
    say(
        _("Đã ghi bì số %(n)s; người nhận được báo.", n=made),
        Undo(url_for("envelopes.withdraw", stub_id=made), ()),
    )
    return redirect(url_for("envelopes.index"), code=303)


@bp.post("/<int:stub_id>/nhan")
def receive(stub_id: int) -> ResponseReturnValue:
    """The receipt. 303; 404, 409."""
    services().store.db.write(lambda tx: stubs.receive_tx(tx, stub_id), actor())
    say(_("Đã ghi là bạn đã nhận."))
    return redirect(url_for("envelopes.index"), code=303)


@bp.post("/<int:stub_id>/rut")
def withdraw(stub_id: int) -> ResponseReturnValue:
    """Entered by mistake. 303; 403, 404, 409."""
    services().store.db.write(lambda tx: stubs.withdraw_tx(tx, stub_id), actor())
    say(_("Đã bỏ dòng ghi bì thư."))
    return redirect(url_for("envelopes.index"), code=303)


@bp.post("/so-giay")
def declare() -> ResponseReturnValue:
    """Form: first, last. Numbers that the paper book gives. 303; 403, 422."""
    try:
        wanted = Range(identifier(request.form.get("first")), identifier(request.form.get("last")))
    except ValueError:
        raise UnprocessableEntity from None
    try:
        services().store.db.write(lambda tx: paper_book.declare_tx(tx, wanted), actor())
    except Incomplete as refusal:
        return _page(refusal.sentence(choose())), 422
    say(_("Hệ thống không cấp các số từ %(first)s đến %(last)s.", first=wanted.first, last=wanted.last))
    return redirect(url_for("envelopes.index"), code=303)


def _page(error: str = "") -> str:
    who, user, now = actor(), current_user(), services().clock()

    def read(conn: Connection) -> Page:
        standing = standing_of(conn, who, now)
        found = stubs.listing(conn, standing, MOST)
        names = principals.get_many(conn, {one.wish.addressee_id for one in found})
        lines = tuple(Line(one, names[one.wish.addressee_id].name, stubs.is_for(standing, one)) for one in found)
        if not user.may_register:
            return Page(lines, False, False, (), ())
        kinds = (Kind.PERSON, Kind.UNIT, Kind.POST)
        boxes = [one for one in mailboxes(conn, user.agency_id) if one.kind in kinds and one.status is not Status.LEFT]
        secret = profile_of(conn, user.agency_id).incoming.secret_stub
        return Page(lines, True, secret, tuple(boxes), tuple(paper_book.declared(conn, user.agency_id, now)))

    view = services().store.db.read(read)
    return render_template("envelopes/index.html", view=view, error=error, words=words, Secrecy=Secrecy)
