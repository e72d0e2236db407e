"""Reading the queue: for the command line, the administrators' page and the figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

import mailserver.redirects.schema  # noqa: F401 (declares a table that is read here)
from mailserver.outbound.states import State, Step
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds

_MESSAGE = (
    "SELECT m.id, m.queue_id, m.message_id, m.sender, m.size, m.created_at, m.finished_at, a.address"
    " FROM outbound_message m LEFT JOIN mail_redirect d ON d.id = m.redirect_id"
    " LEFT JOIN address a ON a.principal_id = d.owner_id AND a.is_primary WHERE "
)
_OPEN = "m.finished_at IS NULL"
_RECIPIENTS = (
    "SELECT outbound_id, id, address, state, attempts, next_attempt_at, lease_until, last_code, last_answer,"
    " last_host, finished_at FROM outbound_recipient WHERE "
)


class NoSuchOutgoing(Exception):
    """No outgoing message with this number, or none that the asker may see."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient as people see it. sending: somebody holds its lease. answer: the last one, with its code."""

    id: int
    address: str
    state: State
    attempts: int
    next_attempt_at: datetime
    sending: bool
    answer: str
    host: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One outgoing message. message_id: without angle brackets. sender: "" for the null path. Times: UTC.

    redirected: of which mailbox it goes on by a redirect, "" for what somebody wrote.
    """

    id: int
    queue_id: str
    message_id: str
    sender: str
    size: int
    queued_at: datetime
    finished_at: datetime | None
    recipients: tuple[Recipient, ...]
    redirected: str = ""

    @property
    def is_open(self) -> bool:
        return self.finished_at is None


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a message's story. address: "" for the message as a whole. actor: name of who did it, or ""."""

    at: datetime
    kind: Step
    address: str
    host: str
    answer: str
    actor: str


def waiting(
    conn: Connection, now: datetime, agency_id: int | None = None, limit: int = 100, offset: int = 0
) -> list[OutgoingMail]:
    """What waits or is held, the oldest first. agency_id: only what its people sent; None: everything."""
    condition, params = _of_agency(_OPEN, agency_id)
    query = f"{_MESSAGE}{condition} ORDER BY m.id LIMIT ? OFFSET ?"
    return _with_recipients(conn, raw.rows(conn, query, (*params, limit, offset)), now)


def count(conn: Connection, agency_id: int | None = None) -> int:
    """How many messages `waiting` has in all."""
    condition, params = _of_agency(_OPEN, agency_id)
    found = raw.row(conn, f"SELECT count(*) FROM outbound_message m WHERE {condition}", params)
    return int(found[0]) if found else 0


def depth(conn: Connection) -> dict[State, int]:
    """How many recipients wait and are held."""
    query = "SELECT state, count(*) FROM outbound_recipient WHERE finished_at IS NULL GROUP BY state"
    return {State.WAITING: 0, State.HELD: 0} | {State(state): found for state, found in raw.rows(conn, query)}


def get(conn: Connection, outbound_id: int, now: datetime, agency_id: int | None = None) -> OutgoingMail:
    """One outgoing message. Raises NoSuchOutgoing."""
    condition, params = _of_agency("m.id = ?", agency_id)
    found = _with_recipients(conn, raw.rows(conn, _MESSAGE + condition, (outbound_id, *params)), now)
    if not found:
        raise NoSuchOutgoing(outbound_id)
    return found[0]


def by_message_id(
    conn: Connection, message_id: str, now: datetime, agency_id: int | None = None, actor_id: int | None = None
) -> list[OutgoingMail]:
    """Every outgoing message with this Message-ID (without angle brackets). actor_id: only what this person sent."""
    condition, params = _of_agency("m.message_id = ?", agency_id)
    if actor_id is not None:
        condition, params = f"{condition} AND m.actor_id = ?", (*params, actor_id)
    query = f"{_MESSAGE}{condition} ORDER BY m.id LIMIT 100"
    return _with_recipients(conn, raw.rows(conn, query, (message_id, *params)), now)


def story(conn: Connection, outbound_id: int) -> list[Line]:
    """Everything that happened to an outgoing message, in order."""
    query = (
        "SELECT s.at, s.kind, r.address, s.host, s.answer, p.name FROM outbound_step s"
        " LEFT JOIN outbound_recipient r ON r.id = s.recipient_id LEFT JOIN principal p ON p.id = s.actor_id"
        " WHERE s.outbound_id = ? ORDER BY s.id"
    )
    return [
        Line(from_milliseconds(at), Step(kind), address or "", host, answer, name or "")
        for at, kind, address, host, answer, name in raw.rows(conn, query, (outbound_id,))
    ]


def _of_agency(condition: str, agency_id: int | None) -> tuple[str, tuple[int, ...]]:
    return (condition, ()) if agency_id is None else (f"{condition} AND m.agency_id = ?", (agency_id,))


def _with_recipients(conn: Connection, rows: Collection[Any], now: datetime) -> list[OutgoingMail]:
    if not rows:
        return []
    condition, numbers = raw.among(conn, "outbound_id", [row[0] for row in rows])
    people: dict[int, list[Recipient]] = {}
    for outbound_id, *facts in raw.rows(conn, f"{_RECIPIENTS}{condition} ORDER BY id", (numbers,)):
        people.setdefault(outbound_id, []).append(_recipient(facts, now))
    return [_mail(tuple(people.get(row[0], ())), *row) for row in rows]


def _mail(
    people: tuple[Recipient, ...],
    outbound_id: int,
    queue_id: str,
    message_id: str,
    sender: str,
    size: int,
    created: int,
    finished: int | None,
    redirected: str | None,
) -> OutgoingMail:
    times = from_milliseconds(created), _maybe(finished)
    return OutgoingMail(outbound_id, queue_id, message_id, sender, size, *times, people, redirected or "")


def _recipient(facts: list[Any], now: datetime) -> Recipient:
    identifier, address, state, attempts, due, lease, code, words, host, finished = facts
    sending = lease is not None and from_milliseconds(lease) > now
    answer = f"{code} {words}" if code else words
    return Recipient(
        identifier, address, State(state), attempts, from_milliseconds(due), sending, answer, host, _maybe(finished)
    )


def _maybe(ms: int | None) -> datetime | None:
    return None if ms is None else from_milliseconds(ms)
