"""What people want changed in the directory, which they may not change themselves
(132/QĐ-STTTT, Điều 6 khoản 4: a leader's approval and the administrator)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection, select, update

from mailserver.directory import principals, rows
from mailserver.directory.errors import NoSuchRequest
from mailserver.directory.records import Kind, Principal
from mailserver.directory.requests_schema import change_request
from mailserver.directory.schema import principal
from mailserver.store import audit
from mailserver.store.database import Tx

LONGEST = 1000
# Of one person at a time: nobody fills the list.
MOST_WAITING = 5


@unique
class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """outcome: None while it waits. answer: what the administrator says to it."""

    id: int
    who: Principal
    asked_at: datetime
    wish: str
    outcome: Outcome | None
    answer: str


def ask_tx(tx: Tx, person_id: int, wish: str) -> bool:
    """Put a wish down; False if the person has MOST_WAITING already, and nothing has changed."""
    rows.require(tx.conn, person_id, Kind.PERSON)
    if sum(one.outcome is None for one in of_person(tx.conn, person_id)) >= MOST_WAITING:
        return False
    made = rows.add(tx.conn, change_request, person_id=person_id, asked_at=tx.now, wish=wish[:LONGEST])
    tx.emit("change.asked", owner_id=person_id)
    audit.record_tx(tx, "change.asked", owner_id=person_id, request=made)
    return True


def answer_tx(tx: Tx, request_id: int, agency_id: int, outcome: Outcome, answer: str) -> ChangeRequest:
    """Settle one. Raises NoSuchRequest: unknown, answered, or of another agency."""
    asked = get(tx.conn, request_id, agency_id)
    here = (change_request.c.id == request_id, change_request.c.outcome.is_(None))
    by = {"answered_at": tx.now, "answered_by_id": tx.actor.principal_id}
    settled = {**by, "outcome": outcome.value, "answer": answer[:LONGEST]}
    if tx.conn.execute(update(change_request).where(*here).values(**settled)).rowcount == 0:
        raise NoSuchRequest(request_id)
    audit.record_tx(tx, f"change.{outcome.value}", owner_id=asked.who.id, request=request_id)
    return asked


def get(conn: Connection, request_id: int, agency_id: int) -> ChangeRequest:
    """One that waits. Raises NoSuchRequest."""
    found = next((one for one in waiting(conn, agency_id) if one.id == request_id), None)
    if found is None:
        raise NoSuchRequest(request_id)
    return found


def waiting(conn: Connection, agency_id: int) -> list[ChangeRequest]:
    """Those of an agency's people that wait, the oldest first."""
    own = select(principal.c.id).where(principal.c.agency_id == agency_id)
    condition = (change_request.c.person_id.in_(own), change_request.c.outcome.is_(None))
    return _found(conn, select(change_request).where(*condition).order_by(change_request.c.id))


def of_person(conn: Connection, person_id: int, most: int = 20) -> list[ChangeRequest]:
    """A person's, the newest first."""
    query = select(change_request).where(change_request.c.person_id == person_id)
    return _found(conn, query.order_by(change_request.c.id.desc()).limit(most))


def _found(conn: Connection, query: rows.Principals) -> list[ChangeRequest]:
    found = conn.execute(query).all()
    people = principals.get_many(conn, {row.person_id for row in found})
    return [
        ChangeRequest(
            row.id, people[row.person_id], row.asked_at, row.wish, row.outcome and Outcome(row.outcome), row.answer
        )
        for row in found
    ]
