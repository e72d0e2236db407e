"""The orders: a list with the form of a new one, one order, and what may be decided on it.

Rights are `routing.inspection.access`'s; what somebody may not know of is 404.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory import principals
from mailserver.directory.records import Principal, day_begins, office_day
from mailserver.store.database import Tx
from routing.errors import Incomplete
from routing.inspection import access, deciding, people
from routing.inspection.access import Act
from routing.inspection.orders import Order, State, Wish
from routing.standing import Standing, standing_of
from webmail.auth.current import actor
from webmail.i18n import _, choose
from webmail.identifiers import identifier
from webmail.inspection import words
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("inspection", __name__, url_prefix="/kiem-tra")

MOST = 200
MOST_REASON, MOST_DECISION, MOST_WORDS, MOST_FOLDERS = 4_000, 100, 200, 50


@dataclass(frozen=True, slots=True)
class Line:
    """An order with its names. acts: what the reader may do with it now."""

    order: Order
    state: State
    owner: Principal
    names: Mapping[int, str]
    acts: frozenset[Act]

    def people(self, ids: Sequence[int]) -> str:
        return ", ".join(self.names[one] for one in ids)

    @property
    def last_day(self) -> date:
        """The last on which it is in force."""
        return office_day(self.order.wish.ends_at - timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Page:
    """mailboxes, inspectors: what a leader chooses from; None for others."""

    lines: tuple[Line, ...]
    mailboxes: tuple[Principal, ...] | None
    inspectors: tuple[Principal, ...]
    today: date


@bp.get("/")
def index() -> ResponseReturnValue:
    """The orders one may see."""
    return _page()


@bp.post("/")
def order() -> ResponseReturnValue:
    """Form: owner, inspector (many), reason, decision, first, last, ends: days, folders: lines, words. 303; 422."""
    blobs = services().store.blobs
    try:
        wish = _wish()
        made = services().store.db.write(lambda tx: deciding.order_tx(tx, blobs, wish), actor())
    except Incomplete as refusal:
        return _page(refusal.sentence(choose())), 422
    except UnprocessableEntity:  # not typed by a browser that looks at `required`
        return _page(_("Hãy chọn hộp thư, các ngày và người kiểm tra.")), 422
    here = url_for("inspection.show", order_id=made.id)
    say(
        _("Đã ra lệnh số %(n)s; chưa ai mở được thư cho đến khi người thứ hai xác nhận.", n=made.id),
        Undo(here, (("do", Act.WITHDRAW.value),)),
    )
    return redirect(here, code=303)


@bp.get("/<int:order_id>")
def show(order_id: int) -> ResponseReturnValue:
    """One order: what it reaches, who decided, what may be done now."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> Line:
        standing = standing_of(conn, who, now)
        return _lines(conn, [access.must(conn, standing, order_id, Act.SEE, now)], standing, now)[0]

    line = services().store.db.read(read)
    buttons = [one for one in Act if one in line.acts and words.act(one)]
    return render_template("inspection/show.html", line=line, acts=Act, buttons=buttons, words=words)


@bp.post("/<int:order_id>")
def act(order_id: int) -> ResponseReturnValue:
    """Form: do, an Act. 303 to the order; 404, 409, 422."""
    wanted = next((one for one in Act if one.value == request.form.get("do") and words.act(one)), None)
    if wanted is None:
        raise UnprocessableEntity
    blobs = services().store.blobs

    def work(tx: Tx) -> None:
        match wanted:
            case Act.CONFIRM:
                deciding.confirm_tx(tx, blobs, order_id)
            case Act.REFUSE:
                deciding.refuse_tx(tx, blobs, order_id)
            case Act.WITHDRAW:
                deciding.withdraw_tx(tx, order_id)
            case Act.END:
                deciding.end_tx(tx, blobs, order_id)
            case Act.CLOSE:
                deciding.close_tx(tx, order_id)

    services().store.db.write(work, actor())
    say(words.done(wanted))
    return redirect(url_for("inspection.show", order_id=order_id), code=303)


def _page(error: str = "") -> str:
    who, now = actor(), services().clock()

    def read(conn: Connection) -> Page:
        standing = standing_of(conn, who, now)
        lines = _lines(conn, access.listing(conn, standing, now, MOST), standing, now)
        boxes: tuple[Principal, ...] | None = None
        inspectors: tuple[Principal, ...] = ()
        if access.may_order(conn, standing) and standing.agency_id is not None:
            found = people.mailboxes(conn, standing.agency_id)
            boxes = tuple(one for one in found if not access.is_concerned(standing, one.id))
            inspectors = tuple(people.inspectors(conn, standing.agency_id))
        return Page(lines, boxes, inspectors, office_day(now))

    view = services().store.db.read(read)
    return render_template("inspection/index.html", view=view, error=error, words=words)


def _lines(conn: Connection, found: Sequence[Order], standing: Standing, now: datetime) -> tuple[Line, ...]:
    ids = {one.wish.owner_id for one in found} | {one.ordered_by_id for one in found}
    ids |= {one for made in found for one in (*made.wish.inspectors, made.decided_by_id) if one is not None}
    known = principals.get_many(conn, ids)
    names = {key: one.name for key, one in known.items()}
    return tuple(
        Line(one, one.state_at(now), known[one.wish.owner_id], names, access.acts_of(standing, one, now))
        for one in found
    )


def _wish() -> Wish:
    """From the form. Raises 422 for nonsense."""
    form = request.form
    try:
        owner_id = identifier(form.get("owner"))
        inspectors = tuple(sorted({identifier(one) for one in form.getlist("inspector")}))
        first, last, ends = (date.fromisoformat(form.get(name, "").strip()) for name in ("first", "last", "ends"))
        ends_at = day_begins(ends + timedelta(days=1))
    except (ValueError, OverflowError):
        raise UnprocessableEntity from None
    folders = [one.strip() for one in form.get("folders", "").splitlines() if one.strip()]
    return Wish(
        owner_id=owner_id,
        reason=form.get("reason", "").strip()[:MOST_REASON],
        decision=form.get("decision", "").strip()[:MOST_DECISION],
        first_day=first,
        last_day=last,
        folders=tuple(folders[:MOST_FOLDERS]),
        words=form.get("words", "").strip()[:MOST_WORDS],
        inspectors=inspectors,
        ends_at=ends_at,
    )
