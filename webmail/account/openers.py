"""Ai đã mở hộp thư của tôi: whoever else has read in one's mailbox, or in one that one leads."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailserver.directory import principals
from mailserver.store import access, openings
from mailserver.store.access import MailboxAccess
from mailserver.store.openings import Ground, Opening
from routing.inspection import orders, reading
from routing.inspection.orders import Order
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.services import services

bp = Blueprint("openers", __name__, url_prefix="/tai-khoan/ai-da-mo")

MOST = 200


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection by an order, as its owner may know of it. opened: how many messages were opened."""

    order: Order
    ordered_by: str
    confirmed_by: str
    inspectors: str
    opened: int


@dataclass(frozen=True, slots=True)
class Box:
    access: MailboxAccess
    openings: tuple[Opening, ...]
    inspections: tuple[Inspected, ...]


@bp.get("/")
def index() -> ResponseReturnValue:
    """The newest openings of each mailbox that one owns or leads by office, and the inspections one is told of."""
    who, now = actor(), services().clock()

    def read(conn: Connection) -> list[Box]:
        own = [one for one in access.mailboxes_for(conn, who, now) if "a" in one.rights]
        return [Box(one, tuple(openings.of(conn, [one.owner_id], MOST)), _inspections(conn, one)) for one in own]

    return render_template("account/openers.html", boxes=services().store.db.read(read), grounds=_grounds())


def _inspections(conn: Connection, box: MailboxAccess) -> tuple[Inspected, ...]:
    found = orders.told(conn, [box.owner_id])
    people = (one for order in found for one in (order.ordered_by_id, order.decided_by_id, *order.wish.inspectors))
    named = principals.get_many(conn, {one for one in people if one is not None})
    names = {key: one.name for key, one in named.items()}
    return tuple(
        Inspected(
            order=one,
            ordered_by=names[one.ordered_by_id],
            confirmed_by=names.get(one.decided_by_id or 0, ""),
            inspectors=", ".join(names[person_id] for person_id in one.wish.inspectors),
            opened=reading.opened(conn, one.id),
        )
        for one in found
    )


def _grounds() -> dict[Ground | None, str]:
    return {
        Ground.OFFICE: _("theo chức vụ"),
        Ground.GRANT: _("được ủy quyền"),
        Ground.FOLDER: _("thư mục được chia sẻ"),
        None: "",
    }
