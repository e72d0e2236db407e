"""Questions to original senders: their rows, written and read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, insert, select, update

from mailbox_policies.forwarding.schema import consent
from mailbox_policies.holding.records import State as LetterState
from mailbox_policies.schema import kept_message
from mailserver.store.tx import Tx

# Rows that one run of the schedule closes.
MOST_DUE = 200
MOST_LISTED = 200
WAITING = LetterState.WAITING.value


@unique
class State(StrEnum):
    """Equal to its column value."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@unique
class Way(StrEnum):
    """By which an answer came."""

    LINK = "link"
    MAIL = "mail"
    OVERRIDE = "override"
    SCHEDULE = "schedule"
    FORWARDER = "forwarder"


@dataclass(frozen=True, slots=True)
class Question:
    """What one original sender is asked. author: an address; readers, subjects: as the mail to the author has them."""

    id: int
    held_id: int
    agency_id: int
    forwarder_id: int
    author: str
    subjects: str
    readers: str
    letter_subject: str
    state: State
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    answered_by_id: int | None
    answered_by: str
    reason: str


_COLUMNS = [column for column in consent.c if column.name != "token_hash"]
# With what has become of the letter, for its writer or an administrator may have ended its waiting.
_QUESTIONS: Select[Any] = select(*_COLUMNS, kept_message.c.state.label("letter")).join(
    kept_message, kept_message.c.id == consent.c.held_id
)


def new_token() -> str:
    """In lower case and digits, for mail systems change the case of local parts."""
    return secrets.token_hex(20)


def add_tx(tx: Tx, token: str, **values: Any) -> int:
    row = {**values, "token_hash": _hash(token), "state": State.ASKED.value, "asked_at": tx.now}
    key = tx.conn.execute(insert(consent).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def by_token(conn: Connection, token: str) -> Question | None:
    """The question that this token answers, whatever became of it."""
    row = conn.execute(_QUESTIONS.where(consent.c.token_hash == _hash(token.lower()))).first()
    return None if row is None else _question(row)


def of_letter(conn: Connection, held_id: int, *, lock: bool = False) -> list[Question]:
    """All questions about one letter, in the order in which they were asked. lock: until the transaction ends."""
    query = _QUESTIONS.where(consent.c.held_id == held_id).order_by(consent.c.id)
    return [_question(row) for row in conn.execute(query.with_for_update() if lock else query)]


def of_forwarder(conn: Connection, forwarder_id: int) -> list[Question]:
    """What was asked for somebody's letters, the newest letter first."""
    return _listed(conn, consent.c.forwarder_id == forwarder_id)


def undecided(conn: Connection, agency_id: int) -> list[Question]:
    """What waits in an agency, or was not answered in time: for its leaders."""
    waiting = consent.c.state.in_([State.ASKED.value, State.EXPIRED.value]) & (kept_message.c.state == WAITING)
    return _listed(conn, and_(consent.c.agency_id == agency_id, waiting))


def waiting(conn: Connection, person_id: int, agency_id: int, *, leads: bool) -> int | None:
    """How many letters wait that somebody wrote or, as a leader, may decide on; None: there never was one."""
    concerned = consent.c.agency_id == agency_id if leads else consent.c.forwarder_id == person_id
    waits = (kept_message.c.state == WAITING) & consent.c.state.in_([State.ASKED.value, State.EXPIRED.value])
    counted = select(func.count(), func.count(case((waits, consent.c.held_id)).distinct()))
    row = conn.execute(counted.join_from(consent, kept_message).where(concerned)).one()
    return int(row[1]) if row[0] else None


def _listed(conn: Connection, wanted: ColumnElement[bool]) -> list[Question]:
    query = _QUESTIONS.where(wanted).order_by(consent.c.held_id.desc(), consent.c.id).limit(MOST_LISTED)
    return [_question(row) for row in conn.execute(query)]


def due(conn: Connection, now: datetime) -> Sequence[int]:
    """Letters with questions that nobody answered in time."""
    late = (consent.c.state == State.ASKED.value, consent.c.until <= now, kept_message.c.state == WAITING)
    letters = select(consent.c.held_id).join(kept_message, kept_message.c.id == consent.c.held_id)
    return conn.execute(letters.where(*late).distinct().limit(MOST_DUE)).scalars().all()


def close_tx(
    tx: Tx,
    question_id: int,
    state: State,
    way: Way,
    by_id: int | None = None,
    reason: str = "",
    among: Sequence[State] = (State.ASKED,),
) -> bool:
    """Answer a question; False if it is in none of the states `among`, so was answered before."""
    still_open = (consent.c.id == question_id, consent.c.state.in_([one.value for one in among]))
    values = {
        "state": state.value,
        "answered_at": tx.now,
        "answered_by_id": by_id,
        "answered_by": way.value,
        "reason": reason,
    }
    return tx.conn.execute(update(consent).where(*still_open).values(values)).rowcount == 1


def _question(row: Row[Any]) -> Question:
    values = dict(row._mapping)
    ended = values.pop("letter") != WAITING
    state = State(values["state"])
    if ended and state in (State.ASKED, State.EXPIRED):
        state = State.WITHDRAWN
    return Question(**{**values, "state": state})


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
