"""What an order reaches: the messages that are in the mailbox when it is given, and again when it is confirmed.

They are held from then on (DOMAIN 2.9, K1): the owner may delete them from the folders and sees no difference.
Mail that comes after the confirmation is not reached.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from mailserver.directory.records import day_begins
from mailserver.store import folders, messages, raw
from mailserver.store.database import Tx
from mailserver.store.search import SearchIndex
from routing.inspection.orders import Order, Wish


def gather_tx(tx: Tx, order: Order) -> int:
    """Hold what the order reaches and is not held yet; how many messages it has now."""
    known = raw.rows(tx.conn, "SELECT number, message_pk FROM inspection_item WHERE order_id = ?", (order.id,))
    before = {message_pk for _number, message_pk in known}
    found = [one for one in _reached(tx.conn, order.wish) if one[0] not in before]
    rows = [(order.id, len(known) + place, *one) for place, one in enumerate(found, 1)]
    if rows:
        insert = (
            "INSERT INTO inspection_item (order_id, number, message_pk, folder, internal_date, held)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        raw.run_many(tx.conn, insert, [(*row, True) for row in rows])
        condition, numbers = raw.among(tx.conn, "id", [message_pk for message_pk, *_rest in found])
        raw.run(tx.conn, f"UPDATE message SET pins = pins + 1 WHERE {condition}", (numbers,))
    return len(known) + len(rows)


def holding(conn: Connection, agency_id: int, message_id: str) -> list[int]:
    """The messages with this Message-ID (without brackets) that orders of the agency hold."""
    query = (
        "SELECT DISTINCT m.id FROM message m JOIN inspection_item i ON i.message_pk = m.id"
        " JOIN inspection_order o ON o.id = i.order_id WHERE m.message_id = ? AND i.held AND o.agency_id = ?"
    )
    return [message_pk for (message_pk,) in raw.rows(conn, query, (message_id, agency_id))]


def let_go_tx(tx: Tx, order_id: int, *, opened_too: bool) -> None:
    """Hold no longer what nobody opened; opened_too: nor what was opened."""
    unopened = "" if opened_too else " AND opened_at IS NULL"
    query = f"SELECT message_pk FROM inspection_item WHERE order_id = ? AND held{unopened}"
    for (message_pk,) in raw.rows(tx.conn, query, (order_id,)):
        messages.unpin_tx(tx, message_pk)
    raw.run(tx.conn, f"UPDATE inspection_item SET held = ? WHERE order_id = ? AND held{unopened}", (False, order_id))


def _reached(conn: Connection, wish: Wish) -> list[tuple[Any, ...]]:
    """(message_pk, folder, internal date), the oldest first, each message once."""
    first, last = _bounds(wish)
    found: dict[int, tuple[Any, ...]] = {}
    for folder in folders.list_of(conn, wish.owner_id):
        if wish.folders and folder.name not in wish.folders:
            continue
        query = (
            "SELECT message_pk, internal_date FROM entry WHERE folder_id = ? AND internal_date >= ?"
            " AND internal_date < ?"
        )
        here = raw.rows(conn, query, (folder.id, first, last))
        fitting = SearchIndex().match(conn, folder.id, wish.words, "text") if wish.words and here else None
        for message_pk, internal_date in here:
            if fitting is None or message_pk in fitting:
                found.setdefault(message_pk, (message_pk, folder.name, internal_date))
    return sorted(found.values(), key=lambda one: (one[2], one[0]))


def _bounds(wish: Wish) -> tuple[int, int]:
    """Seconds since 1970: the first that it reaches, and the first behind it."""
    start = day_begins(wish.first_day)
    end = day_begins(wish.last_day + timedelta(days=1))
    return int(start.timestamp()), int(end.timestamp())
