"""Ủy quyền: what one has given on the mailbox of one's unit or post, what one was given, what waits for leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory import principals
from mailserver.directory.errors import NoSuchPrincipal
from mailserver.directory.records import Principal, day_begins, office_day
from mailserver.directory.rights import Right
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.folders import Folder
from routing.delegation import deeds, giving, mandates
from routing.delegation.deeds import Deed
from routing.delegation.mandates import Mandate, Standing, Wish
from routing.errors import RoutingError
from webmail.auth.current import actor, current_user
from webmail.i18n import _, choose
from webmail.identifiers import identifier
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("delegation", __name__, url_prefix="/uy-quyen")

MOST_DEEDS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A delegation with its names. last: its last day, None without one. closed: names of the folders left out."""

    mandate: Mandate
    owner: str
    grantee: str
    giver: str
    rights: tuple[str, ...]
    first: date
    last: date | None
    closed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """A mailbox that one leads, whom it may be given to, and which of its folders may be left out."""

    owner: Principal
    people: tuple[Principal, ...]
    folders: tuple[Folder, ...]


@dataclass(frozen=True, slots=True)
class Page:
    leads: tuple[Lead, ...]
    given: tuple[Line, ...]
    received: tuple[Line, ...]
    asked: tuple[Line, ...]
    deeds: tuple[Deed, ...]
    today: date


@bp.get("/")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/")
def give() -> ResponseReturnValue:
    """Form: grant, "owner.person"; right (many); closed (many): folders left out; first, last: days, last may be
    empty. 303; 422 with the reason."""
    if not request.form.get("grant"):
        return _page(_("Hãy chọn người.")), 422
    try:
        wish = _wish()
        made = _write(lambda tx, blobs: giving.give_tx(tx, blobs, wish))
    except (RoutingError, NoSuchPrincipal) as refusal:
        sentence = refusal.sentence(choose()) if isinstance(refusal, RoutingError) else _("Hãy chọn người.")
        return _page(sentence), 422
    waits = made.state is Standing.PENDING
    say(_("Đã gửi đề nghị; ủy quyền có hiệu lực khi lãnh đạo duyệt.") if waits else _("Đã ủy quyền."))
    return redirect(url_for("delegation.index"), code=303)


@bp.post("/<int:mandate_id>/thu-hoi")
def take_back(mandate_id: int) -> ResponseReturnValue:
    """303; the services' errors otherwise."""
    _write(lambda tx, blobs: giving.take_back_tx(tx, blobs, mandate_id))
    say(_("Đã thu hồi ủy quyền."))
    return redirect(url_for("delegation.index"), code=303)


@bp.post("/<int:mandate_id>/tru")
def leave_out(mandate_id: int) -> ResponseReturnValue:
    """Form: closed (many): the folders left out from now on. 303; the services' errors otherwise."""
    closed = _closed()
    was = _write(lambda tx, blobs: giving.close_tx(tx, blobs, mandate_id, closed)).wish.closed
    if was != closed:
        back = tuple(("closed", str(one)) for one in sorted(was))
        undo = Undo(url_for("delegation.leave_out", mandate_id=mandate_id), back)
        say(
            _("Đã đổi thư mục được trừ; có hiệu lực ngay ở mọi nơi.") if closed else _("Không còn trừ thư mục nào."),
            undo,
        )
    return redirect(url_for("delegation.index"), code=303)


@bp.post("/<int:mandate_id>/duyet")
def decide(mandate_id: int) -> ResponseReturnValue:
    """Form: approve, "1" or "0". 303; the services' errors otherwise."""
    approve = request.form.get("approve") == "1"
    _write(lambda tx, blobs: giving.decide_tx(tx, blobs, mandate_id, approve=approve))
    say(_("Đã duyệt ủy quyền.") if approve else _("Đã từ chối ủy quyền."))
    return redirect(url_for("delegation.index"), code=303)


def _write(work: Callable[[Tx, BlobStore], Mandate]) -> Mandate:
    store = services().store
    return store.db.write(lambda tx: work(tx, store.blobs), actor())


def _page(error: str = "") -> str:
    who, now, may_approve = current_user(), services().clock(), giving.APPROVE in current_user().capabilities

    def read(conn: Connection) -> Page:
        led = mandates.led_by(conn, who.principal_id, now)
        leads = tuple(_lead(conn, one, who.principal_id) for one in led)
        given = _lines(conn, mandates.given_on(conn, [one.id for one in led], now))
        received = _lines(conn, mandates.given_to(conn, who.principal_id, now))
        asked = _lines(conn, mandates.waiting(conn, who.agency_id, now)) if may_approve else ()
        done = tuple(deeds.of(conn, [one.id for one in led], MOST_DEEDS))
        return Page(leads, given, received, asked, done, office_day(now))

    view = services().store.db.read(read)
    return render_template("account/delegation.html", view=view, error=error, rights=_rights(), words=_deeds())


def _lead(conn: Connection, owner: Principal, but: int) -> Lead:
    people = mandates.candidates(conn, owner, but)
    return Lead(owner, tuple(people), tuple(mandates.closable(conn, owner.id)))


def _lines(conn: Connection, found: Sequence[Mandate]) -> tuple[Line, ...]:
    ids = {one for made in found for one in (made.wish.owner_id, made.wish.grantee_id, made.asked_by_id)}
    names = {key: one.name for key, one in principals.get_many(conn, ids).items()}
    folders = mandates.names_of(conn, found)
    return tuple(_line(one, names, folders) for one in found)


def _line(one: Mandate, names: dict[int, str], folders: dict[int, str]) -> Line:
    wish, words = one.wish, _rights()
    last = None if wish.ends_at is None else office_day(wish.ends_at - timedelta(milliseconds=1))
    return Line(
        one,
        names[wish.owner_id],
        names[wish.grantee_id],
        names[one.asked_by_id],
        tuple(words[right] for right in words if right in wish.rights),
        office_day(wish.starts_at),
        last,
        tuple(sorted(folders[key] for key in wish.closed if key in folders)),
    )


def _rights() -> dict[Right, str]:
    return {
        Right.READ: _("Đọc thư"),
        Right.HANDLE: _("Xử lý thư: nhận, giao, chuyển, xóa"),
        Right.SEND_ON_BEHALF: _("Gửi thư thay (thư ghi rõ người gửi)"),
        Right.POST: _("Chỉ đưa thư vào, không đọc"),
        Right.MANAGE: _("Quản lý: thư mục, việc của người khác"),
    }


def _deeds() -> dict[str, str]:
    """What is said of each action."""
    return {
        "mail.sent_for": _("gửi thư"),
        "team.take": _("nhận thư"),
        "team.pass": _("giao thư"),
        "team.finish": _("xong thư"),
        "team.release": _("trả lại thư"),
        "team.reopen": _("mở lại thư"),
    }


def _wish() -> Wish:
    """From the form. Raises 422 for nonsense."""
    try:
        owner_id, _dot, grantee_id = request.form.get("grant", "").partition(".")
        rights = frozenset(Right(word) for word in request.form.getlist("right"))
        first, last = _day("first"), _day("last")
        found = identifier(owner_id), identifier(grantee_id)
    except ValueError:
        raise UnprocessableEntity from None
    starts_at = services().clock() if first is None else day_begins(first)
    ends_at = None if last is None else day_begins(last + timedelta(days=1))
    return Wish(*found, rights, starts_at, ends_at, _closed())


def _closed() -> frozenset[int]:
    """From the form. Raises 422 for nonsense."""
    try:
        return frozenset(identifier(word) for word in request.form.getlist("closed"))
    except ValueError:
        raise UnprocessableEntity from None


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    return date.fromisoformat(text) if text else None
