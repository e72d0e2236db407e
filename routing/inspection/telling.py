"""When the owner of an inspected mailbox learns of it: at once, some days later, or when the order has ended.

No mail goes out while an order is in force, unless the profile says so (DOMAIN 2.9, K1). From the day that it is
told, the inspection stands on the page "Ai đã mở hộp thư của tôi".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, update

from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.inspection import letters, orders
from routing.inspection.orders import Order
from routing.inspection.schema import inspection_order
from routing.profile import profile_of


def due_at(conn: Connection, agency_id: int, confirmed_at: datetime) -> datetime | None:
    """When the owner is to be told by mail; None: not before it has ended, and on the page only."""
    rule = profile_of(conn, agency_id).inspection
    match rule.tell_owner:
        case "at_once":
            return confirmed_at
        case "after_days":
            return confirmed_at + timedelta(days=rule.tell_after_days)
    return None


def ended_tx(tx: Tx, order: Order) -> Order:
    """An order has ended: where no mail is to come, its owner may see it from now on."""
    if order.told_at is not None or profile_of(tx.conn, order.agency_id).inspection.tell_owner != "at_end":
        return order
    return _told_tx(tx, order)


def tell_due_tx(tx: Tx, blobs: BlobStore, now: datetime) -> int:
    """Write to the owners whose time has come; how many."""
    due = orders.of(tx.conn, *_due(now))
    for one in due:
        letters.tell_tx(tx, blobs, one)
        _told_tx(tx, one)
    return len(due)


def any_due(conn: Connection, now: datetime) -> bool:
    return bool(orders.of(conn, *_due(now), most=1))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    states = [one.value for one in orders.WAS_IN_FORCE]
    untold = inspection_order.c.told_at.is_(None)
    return inspection_order.c.state.in_(states), untold, inspection_order.c.tell_at <= now


def _told_tx(tx: Tx, order: Order) -> Order:
    tx.conn.execute(update(inspection_order).where(inspection_order.c.id == order.id).values(told_at=tx.now))
    audit.record_tx(tx, "inspection.told", owner_id=order.wish.owner_id, order=order.id)
    return replace(order, told_at=tx.now)
