"""Ordering, confirming, refusing, taking back, ending and closing: each one transaction, with its record in the audit.

All raise RoutingError with the sentence for the person; then nothing has changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import insert, update

from mailserver.actor import Actor
from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.errors import DocumentMissing, Incomplete, NoSuchMove, NotYourTurn
from routing.inspection import access, letters, orders, people, telling
from routing.inspection.access import Act
from routing.inspection.gathering import gather_tx, let_go_tx
from routing.inspection.orders import Order, State, Wish
from routing.inspection.schema import inspection_inspector, inspection_order
from routing.standing import Standing, standing_of


def order_tx(tx: Tx, blobs: BlobStore, wish: Wish) -> Order:
    """Quyết định kiểm tra: what it reaches is held from now on; nothing opens before somebody confirms.

    Raises NotYourTurn (no leader, or the regulation has no inspections), Incomplete (mailbox, inspectors, period,
    reason).
    """
    who = standing_of(tx.conn, tx.actor, tx.now)
    if not access.may_order(tx.conn, who):
        raise NotYourTurn("inspect-not-leader")
    assert who.person_id is not None and who.agency_id is not None
    _check(tx, who, who.agency_id, wish)
    made = _insert_tx(tx, who.agency_id, who.person_id, wish)
    count = gather_tx(tx, made)
    _record_tx(tx, "ordered", made, messages=count, **_told(wish))
    letters.ask_tx(tx, blobs, made, people.confirmers(tx.conn, made, tx.now))
    return made


def confirm_tx(tx: Tx, blobs: BlobStore, order_id: int) -> Order:
    """The second person agrees: inspectors may read from now on. Raises DocumentMissing, NoSuchMove."""
    found = _found_tx(tx, order_id, Act.CONFIRM)
    if tx.now >= found.wish.ends_at:
        raise NoSuchMove("inspect-late")
    count = gather_tx(tx, found)
    tell_at = telling.due_at(tx.conn, found.agency_id, tx.now)
    made = _put_tx(tx, found, State.CONFIRMED, decided_by_id=tx.actor.principal_id, decided_at=tx.now, tell_at=tell_at)
    _record_tx(tx, "confirmed", made, messages=count)
    letters.begin_tx(tx, blobs, made)
    telling.tell_due_tx(tx, blobs, tx.now)
    return made


def refuse_tx(tx: Tx, blobs: BlobStore, order_id: int) -> Order:
    """Nothing is opened, nothing is held any longer. Raises DocumentMissing, NoSuchMove."""
    found = _found_tx(tx, order_id, Act.REFUSE)
    made = _put_tx(tx, found, State.REFUSED, decided_by_id=tx.actor.principal_id, decided_at=tx.now)
    _record_tx(tx, "refused", made)
    let_go_tx(tx, made.id, opened_too=True)
    letters.refused_tx(tx, blobs, made)
    return made


def withdraw_tx(tx: Tx, order_id: int) -> Order:
    """The leader takes it back before it is confirmed. Raises DocumentMissing, NoSuchMove."""
    made = _put_tx(tx, _found_tx(tx, order_id, Act.WITHDRAW), State.WITHDRAWN)
    _record_tx(tx, "withdrawn", made)
    let_go_tx(tx, made.id, opened_too=True)
    return made


def end_tx(tx: Tx, blobs: BlobStore, order_id: int) -> Order:
    """End it before its day: nothing is opened from now on. Raises DocumentMissing, NoSuchMove."""
    return settle_tx(tx, blobs, _found_tx(tx, order_id, Act.END))


def close_tx(tx: Tx, order_id: int) -> Order:
    """K4: what was opened is held no longer. Raises DocumentMissing, NoSuchMove."""
    found = _found_tx(tx, order_id, Act.CLOSE)
    made = _put_tx(tx, found, State.CLOSED)
    _record_tx(tx, "closed", made)
    let_go_tx(tx, made.id, opened_too=True)
    return made


def settle_tx(tx: Tx, blobs: BlobStore, found: Order) -> Order:
    """End an order that is locked and in force. Raises ProfileError."""
    at = min(tx.now, found.wish.ends_at)
    made = _put_tx(tx, found, State.ENDED, ended_at=at)
    _record_tx(tx, "ended", made)
    let_go_tx(tx, made.id, opened_too=False)
    letters.ended_tx(tx, blobs, made)
    return telling.ended_tx(tx, made)


def _found_tx(tx: Tx, order_id: int, act: Act) -> Order:
    """The order, locked. Raises DocumentMissing; NoSuchMove for who may see it and comes too late."""
    who, found = standing_of(tx.conn, tx.actor, tx.now), orders.lock_tx(tx.conn, order_id)
    acts = access.acts_of(who, found, tx.now)
    if not acts:
        raise DocumentMissing()
    if act not in acts:
        raise NoSuchMove("inspect-not-now")
    return found


def _check(tx: Tx, who: Standing, agency_id: int, wish: Wish) -> None:
    if wish.owner_id not in {one.id for one in people.mailboxes(tx.conn, agency_id)} or access.is_concerned(
        who, wish.owner_id
    ):
        raise Incomplete("owner", "inspect-owner")
    possible = {one.id for one in people.inspectors(tx.conn, agency_id)}
    if not wish.inspectors or not possible.issuperset(wish.inspectors):
        raise Incomplete("inspectors", "inspect-inspectors")
    for person_id in wish.inspectors:
        if access.is_concerned(standing_of(tx.conn, Actor(person_id, agency_id, "system"), tx.now), wish.owner_id):
            raise Incomplete("inspectors", "inspect-own")
    if not wish.reason.strip():
        raise Incomplete("reason", "inspect-reason")
    if wish.first_day > wish.last_day:
        raise Incomplete("last_day", "inspect-days")
    if wish.ends_at <= tx.now:
        raise Incomplete("ends_on", "inspect-ends")


def _told(wish: Wish) -> dict[str, Any]:
    """The order's words as plain JSON, for the audit."""
    return {
        "reason": wish.reason,
        "decision": wish.decision,
        "first_day": wish.first_day.isoformat(),
        "last_day": wish.last_day.isoformat(),
        "folders": list(wish.folders),
        "words": wish.words,
        "inspectors": list(wish.inspectors),
        "ends_at": wish.ends_at.isoformat(),
    }


def _record_tx(tx: Tx, what: str, order: Order, **detail: Any) -> None:
    audit.record_tx(tx, f"inspection.{what}", owner_id=order.wish.owner_id, order=order.id, **detail)


def _insert_tx(tx: Tx, agency_id: int, person_id: int, wish: Wish) -> Order:
    values = {
        "agency_id": agency_id,
        "owner_id": wish.owner_id,
        "reason": wish.reason,
        "decision": wish.decision,
        "first_day": wish.first_day,
        "last_day": wish.last_day,
        "folders": list(wish.folders),
        "words": wish.words,
        "ends_at": wish.ends_at,
        "state": State.WAITING.value,
        "ordered_by_id": person_id,
        "ordered_at": tx.now,
    }
    key = tx.conn.execute(insert(inspection_order).values(**values)).inserted_primary_key
    assert key is not None
    order_id = int(key[0])
    named = [{"order_id": order_id, "person_id": one} for one in sorted(set(wish.inspectors))]
    tx.conn.execute(insert(inspection_inspector), named)
    return orders.get(tx.conn, order_id)


def _put_tx(tx: Tx, found: Order, state: State, **values: Any) -> Order:
    changing = update(inspection_order).where(inspection_order.c.id == found.id)
    tx.conn.execute(changing.values(state=state.value, **values))
    known = {name: value for name, value in values.items() if name != "tell_at"}
    return replace(found, state=state, **known)
