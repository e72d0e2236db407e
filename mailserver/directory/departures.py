"""Who retires or moves away: the day is known before, and what follows from it happens on that day by itself
(123/QĐ-SCT, Điều 5; 04/2017/QĐ-UBND, Điều 11 khoản 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from mailserver.directory import rows
from mailserver.directory.departure_schema import departure
from mailserver.directory.errors import DepartureInvalid, NoSuchDeparture, NoSuchPrincipal
from mailserver.directory.records import Kind, Status, office_day
from mailserver.directory.schema import principal
from mailserver.store import audit
from mailserver.store.database import Tx

MAX_APPROVAL = 200


@unique
class Cause(StrEnum):
    """Equal to its column value."""

    RETIREMENT = "retirement"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Wish:
    """A departure to be noted. starts_on: the first day without access. approval: who decided it.

    successor_id: None lets the office keep the mailbox.
    """

    cause: Cause
    starts_on: date
    approval: str
    successor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """done_at, minutes: None before the day."""

    id: int
    person_id: int
    cause: Cause
    starts_on: date
    successor_id: int | None
    approval: str
    created_by_id: int | None
    done_at: datetime | None
    minutes: Mapping[str, Any] | None


def schedule_tx(tx: Tx, person_id: int, wish: Wish) -> int:
    """Note that a person leaves; returns the departure's id. A day that is past is done within a minute.

    Raises NoSuchPrincipal, DepartureInvalid (with the field that is wrong).
    """
    who = rows.require(tx.conn, person_id, Kind.PERSON)
    if who.status is Status.LEFT or of_person(tx.conn, person_id) is not None:
        raise DepartureInvalid("person")
    if not wish.approval.strip() or len(wish.approval) > MAX_APPROVAL:
        raise DepartureInvalid("approval")
    if wish.successor_id is not None:
        _check_successor(tx.conn, who.id, who.agency_id, wish.successor_id)
    made = rows.add(
        tx.conn,
        departure,
        person_id=person_id,
        cause=wish.cause.value,
        starts_on=wish.starts_on,
        successor_id=wish.successor_id,
        approval=wish.approval.strip(),
        created_at=tx.now,
        created_by_id=tx.actor.principal_id,
    )
    facts = {"cause": wish.cause.value, "day": str(wish.starts_on), "approval": wish.approval.strip()}
    audit.record_tx(tx, "departure.scheduled", owner_id=person_id, successor=wish.successor_id, facts=facts)
    tx.emit("departure.scheduled", owner_id=person_id)
    return made


def cancel_tx(tx: Tx, person_id: int) -> None:
    """Take a departure back before its day. Raises NoSuchDeparture: there is none, or it has happened."""
    open_one = (departure.c.person_id == person_id, departure.c.cancelled_at.is_(None), departure.c.done_at.is_(None))
    if tx.conn.execute(update(departure).where(*open_one).values(cancelled_at=tx.now)).rowcount == 0:
        raise NoSuchDeparture(person_id)
    audit.record_tx(tx, "departure.cancelled", owner_id=person_id)


def done_tx(tx: Tx, departure_id: int, minutes: Mapping[str, Any]) -> None:
    """Keep what was handed over, for good."""
    values = {"done_at": tx.now, "minutes": dict(minutes)}
    tx.conn.execute(update(departure).where(departure.c.id == departure_id).values(**values))


def of_person(conn: Connection, person_id: int) -> Departure | None:
    """The departure that is to come, or has happened."""
    return next(iter(_found(conn, departure.c.person_id == person_id)), None)


def of_agency(conn: Connection, agency_id: int) -> dict[int, Departure]:
    """By person."""
    own = select(principal.c.id).where(principal.c.agency_id == agency_id)
    return {one.person_id: one for one in _found(conn, departure.c.person_id.in_(own))}


def due(conn: Connection, now: datetime) -> list[Departure]:
    """Those whose day has come and that have not happened yet."""
    return _found(conn, departure.c.done_at.is_(None), departure.c.starts_on <= office_day(now))


def _check_successor(conn: Connection, person_id: int, agency_id: int, successor_id: int) -> None:
    try:
        found = rows.require(conn, successor_id, Kind.PERSON)
    except NoSuchPrincipal:
        raise DepartureInvalid("successor") from None
    if found.id == person_id or found.agency_id != agency_id or found.status is not Status.ACTIVE:
        raise DepartureInvalid("successor")


def _found(conn: Connection, *conditions: ColumnElement[bool]) -> list[Departure]:
    table = departure.c
    columns = (table.id, table.person_id, table.cause, table.starts_on, table.successor_id, table.approval)
    told = (table.created_by_id, table.done_at, table.minutes)
    query = select(*columns, *told).where(*conditions, table.cancelled_at.is_(None)).order_by(table.starts_on, table.id)
    return [Departure(row[0], row[1], Cause(row[2]), *row[3:]) for row in conn.execute(query)]
