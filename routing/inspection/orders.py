"""An order as a value and a row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from routing.errors import DocumentMissing
from routing.inspection.schema import inspection_inspector, inspection_order


@unique
class State(StrEnum):
    """Equal to its word in the database. ENDED: nothing is opened any more; CLOSED: its messages are let go too."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    CLOSED = "closed"


# States of orders by which something was opened, or could have been.
WAS_IN_FORCE = (State.CONFIRMED, State.ENDED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a leader orders. inspectors: people. first_day, last_day: of arrival, in office days, both included.

    folders: names, () for all; words: what messages must hold, "" for any. ends_at: aware, in force until just before.
    """

    owner_id: int
    reason: str
    decision: str
    first_day: date
    last_day: date
    folders: tuple[str, ...]
    words: str
    inspectors: tuple[int, ...]
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """id: its number. decided_by_id: who confirmed or refused. told_at: since when its owner may see it."""

    id: int
    agency_id: int
    wish: Wish
    state: State
    ordered_by_id: int
    ordered_at: datetime
    decided_by_id: int | None
    decided_at: datetime | None
    ended_at: datetime | None
    told_at: datetime | None

    def state_at(self, now: datetime) -> State:
        """An order ends by itself; the row is put right later."""
        return State.ENDED if self.state is State.CONFIRMED and now >= self.wish.ends_at else self.state


def get(conn: Connection, order_id: int) -> Order:
    """Raises DocumentMissing."""
    found = of(conn, inspection_order.c.id == order_id)
    if not found:
        raise DocumentMissing()
    return found[0]


def lock_tx(conn: Connection, order_id: int) -> Order:
    """As `get`; nobody else decides on it before this transaction ends."""
    conn.execute(select(inspection_order.c.id).where(inspection_order.c.id == order_id).with_for_update())
    return get(conn, order_id)


def of_agency(conn: Connection, agency_id: int, most: int) -> list[Order]:
    """The newest first."""
    return of(conn, inspection_order.c.agency_id == agency_id, most=most)


def naming(conn: Connection, person_id: int, most: int) -> list[Order]:
    """Those in which somebody is an inspector, or that they gave or decided; the newest first."""
    named = select(inspection_inspector.c.order_id).where(inspection_inspector.c.person_id == person_id)
    own = (inspection_order.c.ordered_by_id == person_id, inspection_order.c.decided_by_id == person_id)
    return of(conn, or_(inspection_order.c.id.in_(named), *own), most=most)


def told(conn: Connection, owner_ids: Collection[int]) -> list[Order]:
    """What owners have been told of, the newest first."""
    known = (inspection_order.c.told_at.is_not(None), inspection_order.c.state.in_([one.value for one in WAS_IN_FORCE]))
    return of(conn, inspection_order.c.owner_id.in_(owner_ids), *known)


def of(conn: Connection, *conditions: ColumnElement[bool], most: int | None = None) -> list[Order]:
    query = select(inspection_order).where(*conditions).order_by(inspection_order.c.id.desc()).limit(most)
    rows = conn.execute(query).all()
    named: dict[int, list[int]] = {}
    inspectors = inspection_inspector.c
    wanted = select(inspectors.order_id, inspectors.person_id).where(inspectors.order_id.in_([row.id for row in rows]))
    for order_id, person_id in conn.execute(wanted.order_by(inspectors.order_id, inspectors.person_id)):
        named.setdefault(order_id, []).append(person_id)
    return [_order(row, tuple(named.get(row.id, ()))) for row in rows]


def _order(row: Row[Any], inspectors: tuple[int, ...]) -> Order:
    wish = Wish(
        owner_id=row.owner_id,
        reason=row.reason,
        decision=row.decision,
        first_day=row.first_day,
        last_day=row.last_day,
        folders=tuple(row.folders),
        words=row.words,
        inspectors=inspectors,
        ends_at=row.ends_at,
    )
    return Order(
        id=row.id,
        agency_id=row.agency_id,
        wish=wish,
        state=State(row.state),
        ordered_by_id=row.ordered_by_id,
        ordered_at=row.ordered_at,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
        told_at=row.told_at,
    )
