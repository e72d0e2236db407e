"""Mail that is about to be removed: one's own, and for administrators what goes from the shared folders; more time."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies import choices
from mailbox_policies.chain import Choice
from mailbox_policies.retention import extensions, items
from mailbox_policies.retention.extensions import AlreadyDecided, NoSuchItem, UnfitDate
from mailbox_policies.retention.items import Item
from mailbox_policies.rules import retention
from mailserver.directory import principals
from mailserver.directory.principals import Principal
from mailserver.directory.records import OFFICE_ZONE, day_ends
from mailserver.store.access import mailboxes_for
from webmail.auth.current import actor, current_user
from webmail.cleanup import words
from webmail.i18n import _
from webmail.notes import say
from webmail.paging import last_page
from webmail.services import services

bp = Blueprint("cleanup", __name__, url_prefix="/don-thu")

MANAGES = "manage_accounts"
PER_PAGE = 50
# RFC 4314 §2.1: who may remove mail of a mailbox for good answers for it here.
REMOVES = "e"


@dataclass(frozen=True, slots=True)
class Page:
    """office: the agency's shared folders, else what is this person's."""

    items: list[Item]
    people: dict[int, Principal]
    own: AbstractSet[int]
    rule: Choice
    total: int
    page: int
    office: bool

    @property
    def last(self) -> int:
        return last_page(self.total, PER_PAGE)

    def url(self, page: int) -> str:
        return url_for("cleanup.due", xem="co-quan" if self.office else None, trang=page)


@bp.get("/sap-xoa")
def due() -> ResponseReturnValue:
    """What goes next. xem=co-quan: of the agency's shared folders, for administrators; 404 for others. trang: page."""
    office = request.args.get("xem") == "co-quan"
    if office and not manages():
        abort(404)
    wanted, who = max(1, request.args.get("trang", 1, type=int)), current_user()
    skip = (wanted - 1) * PER_PAGE

    def read(conn: Connection) -> Page:
        own = answers_for(conn)
        listed = items.of_agency(conn, who.agency_id, PER_PAGE, skip) if office else None
        found, total = listed or items.whose(conn, own, PER_PAGE, skip)
        people = principals.get_many(conn, {one.asked_by_id for one in found if one.asked_by_id is not None})
        return Page(found, dict(people), own, rule_of(conn, who.agency_id), total, wanted, office)

    today = services().clock().astimezone(OFFICE_ZONE).date()
    page = services().store.db.read(read)
    return render_template("cleanup/due.html", page=page, words=words, today=today, until=today + timedelta(days=30))


@bp.post("/sap-xoa/<int:item_id>/gia-han")
def ask(item_id: int) -> ResponseReturnValue:
    """Form: den (a day), ly_do. 303; 404 for what is not theirs or never goes by a period."""
    until, why, now = _end_of("den"), request.form.get("ly_do", "").strip(), services().clock()
    if until is None or not why:
        say(_("Hãy ghi ngày và lý do xin gia hạn."), error=True)
        return redirect(url_for("cleanup.due"), code=303)
    own, blobs = services().store.db.read(answers_for), services().store.blobs
    try:
        services().store.db.write(lambda tx: extensions.ask_tx(tx, blobs, item_id, own, until, why, now), actor())
    except NoSuchItem:
        abort(404)
    except UnfitDate:
        say(_("Ngày gia hạn phải sau hôm nay và trong vòng một năm."), error=True)
    else:
        say(_("Đã gửi đề nghị gia hạn; thư được giữ cho đến khi quản trị trả lời."))
    return redirect(url_for("cleanup.due"), code=303)


@bp.post("/sap-xoa/<int:item_id>/tra-loi")
def decide(item_id: int) -> ResponseReturnValue:
    """Form: do: grant | refuse; den: another day, or none. For administrators. 303; 404."""
    if not manages():
        abort(404)
    granted, until, now = request.form.get("do") == "grant", _end_of("den"), services().clock()
    agency_id, blobs = current_user().agency_id, services().store.blobs
    try:
        services().store.db.write(
            lambda tx: extensions.decide_tx(tx, blobs, agency_id, item_id, granted, until, now), actor()
        )
    except NoSuchItem:
        abort(404)
    except AlreadyDecided:
        say(_("Đề nghị này đã được trả lời."), error=True)
    except UnfitDate:
        say(_("Ngày gia hạn phải sau hôm nay và trong vòng một năm."), error=True)
    else:
        say(_("Đã gia hạn.") if granted else _("Đã từ chối gia hạn."))
    return redirect(url_for("cleanup.due", xem="co-quan"), code=303)


def manages() -> bool:
    return MANAGES in current_user().capabilities


def rule_of(conn: Connection, agency_id: int) -> Choice:
    """The agency's rule of retention, as it holds now."""
    start = services().rules_start(conn, agency_id).choice(retention.RULE)
    return choices.chosen(retention.RULE, start, choices.current(conn, agency_id).get(retention.NAME))


def answers_for(conn: Connection) -> frozenset[int]:
    """The person, and the mailboxes whose mail the person may remove."""
    boxes = mailboxes_for(conn, actor(), services().clock())
    return frozenset((current_user().principal_id, *(box.owner_id for box in boxes if REMOVES in box.rights)))


def _end_of(field: str) -> datetime | None:
    """The end of a day that a form names; None for none."""
    try:
        day = date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        return None
    return day_ends(day)
