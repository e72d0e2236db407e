"""Orders whose time is over, and owners whose time to be told has come, for the worker: the rights have ended by
themselves."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement

from mailserver.actor import SYSTEM
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.errors import ProfileError
from routing.inspection import deciding, orders, telling
from routing.inspection.orders import State
from routing.inspection.schema import inspection_order

log = structlog.get_logger("vanthu.routing")


def settle(store: Store, now: datetime) -> int:
    """End what is over and tell who is due, each order in a transaction of its own; how many of both.

    An order whose agency has a mistake in its profile waits, and the log says so: it stops no other agency's.
    """
    count = 0
    for order in store.db.read(lambda conn: orders.of(conn, *_over(now))):
        count += _end(store, order.id)
    if store.db.read(lambda conn: telling.any_due(conn, now)):
        count += store.db.write(lambda tx: telling.tell_due_tx(tx, store.blobs, now), SYSTEM)
    return count


def _end(store: Store, order_id: int) -> bool:
    def work(tx: Tx) -> bool:
        found = orders.lock_tx(tx.conn, order_id)
        if found.state is not State.CONFIRMED:  # somebody has ended it meanwhile
            return False
        deciding.settle_tx(tx, store.blobs, found)
        return True

    try:
        return store.db.write(work, SYSTEM)
    except ProfileError as error:
        log.error("an inspection is over and cannot be ended", order=order_id, error=str(error))
        return False


def _over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return inspection_order.c.state == State.CONFIRMED.value, inspection_order.c.ends_at <= now
