"""Handing out work: who may send to whom now. A lease that runs out makes work free again.

On PostgreSQL several machines take from one queue: rows that another one has just locked are passed over
(SKIP LOCKED). On SQLite there is one writer at a time. Reading an open lease is left to its owner: a process
that dies leaves its leases to its successor (`free_tx`), or, on another machine, to time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from mailserver.delivery.envelope import Notify, Wish
from mailserver.directory.rows import among_texts
from mailserver.outbound.destinations import Destinations, identity_in
from mailserver.outbound.jobs import Addressee, Job
from mailserver.outbound.schedule import LONGEST_PAUSE
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds, milliseconds
from mailserver.store.database import Tx

# Renewed every third of it by who is at work; what a dead process held is free after that.
LEASE = timedelta(minutes=2)
# Recipients in one transaction: RFC 5321 §4.5.3.1.8 promises room for 100.
AT_ONCE = 100
# Rows looked at in one claim.
_LOOKED_AT = 500

_DUE = (
    " finished_at IS NULL AND state = 'waiting'"
    # A time too far ahead was written by a clock that has been set back since.
    " AND (next_attempt_at <= ? OR next_attempt_at > ?)"
    " AND (lease_until IS NULL OR lease_until <= ? OR lease_until > ?)"
)
_CANDIDATES = "SELECT id, outbound_id, destination FROM outbound_recipient WHERE" + _DUE
_MESSAGES = (
    "SELECT id, message_pk, queue_id, message_id, sender, size, envid, ret, agency_id, created_at"
    " FROM outbound_message WHERE "
)
_RECIPIENTS = "SELECT id, address, attempts, notify, orcpt, delay_told FROM outbound_recipient WHERE "


def _due_params(now_ms: int) -> tuple[int, int, int, int]:
    too_far = now_ms + _ms(LONGEST_PAUSE) * 2
    return now_ms, too_far, now_ms, now_ms + _ms(LEASE) * 2


def claim_tx(
    tx: Tx, owner: str, destinations: Destinations, now: datetime, together: str = "", busy: Collection[int] = ()
) -> list[Job]:
    """Lease what is due, as far as `destinations` have room; oldest first.

    owner: of the lease. now: aware, UTC. together: a name under which all destinations count as one (a
    smarthost); a job then has recipients of any domain. Identities elsewhere keep the servers that they have.
    busy: recipients that the owner is sending to: when the clock jumps, their leases look as if they had run out.
    """
    full = destinations.full()
    if together:
        full = [one for one in full if identity_in(one) is not None]
    picked: dict[tuple[int, str], list[int]] = {}
    taken: dict[str, int] = {}
    for recipient_id, outbound_id, domain in _candidates(tx, milliseconds(now), full, busy):
        destination = domain if identity_in(domain) is not None else together or domain
        group = picked.get((outbound_id, destination))
        if group is None:
            begun = taken.get(destination, 0)
            if len(picked) >= destinations.free or begun >= destinations.room(destination):
                continue
            taken[destination] = begun + 1
            group = picked[outbound_id, destination] = []
        if len(group) < AT_ONCE:
            group.append(recipient_id)
    ids = [one for group in picked.values() for one in group]
    if not ids:
        return []
    _lease_tx(tx, owner, ids, now)
    messages = _messages(tx.conn, {outbound_id for outbound_id, _ in picked})
    people = _people(tx.conn, ids)
    return [
        _job(messages[outbound_id], destination, [people[one] for one in group])
        for (outbound_id, destination), group in picked.items()
    ]


def _candidates(tx: Tx, now_ms: int, full: Collection[str], busy: Collection[int]) -> list[Any]:
    condition, names = among_texts(tx.conn, "destination", full)
    sending, numbers = raw.among(tx.conn, "id", busy)
    lock = "" if raw.is_sqlite(tx.conn) else " FOR UPDATE SKIP LOCKED"
    query = f"{_CANDIDATES} AND NOT {condition} AND NOT {sending} ORDER BY next_attempt_at, id LIMIT {_LOOKED_AT}{lock}"
    return raw.rows(tx.conn, query, (*_due_params(now_ms), names, numbers))


def _lease_tx(tx: Tx, owner: str, ids: Collection[int], now: datetime) -> None:
    condition, numbers = raw.among(tx.conn, "id", ids)
    until = milliseconds(now + LEASE)
    query = f"UPDATE outbound_recipient SET lease_owner = ?, lease_until = ? WHERE {condition}"
    raw.run(tx.conn, query, (owner, until, numbers))


def renew_tx(tx: Tx, owner: str, ids: Collection[int], now: datetime) -> None:
    """Keep what is being sent for another LEASE."""
    condition, numbers = raw.among(tx.conn, "id", ids)
    query = f"UPDATE outbound_recipient SET lease_until = ? WHERE {condition} AND lease_owner = ?"
    raw.run(tx.conn, query, (milliseconds(now + LEASE), numbers, owner))


def free_tx(tx: Tx, owner: str) -> int:
    """Give back every lease of a process that is gone for certain; how many there were."""
    query = "UPDATE outbound_recipient SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?"
    return raw.run(tx.conn, query, (owner,))


def is_due(conn: Connection, now: datetime) -> bool:
    """Whether `claim_tx` might find something."""
    query = f"SELECT 1 FROM outbound_recipient WHERE{_DUE} LIMIT 1"
    return raw.row(conn, query, _due_params(milliseconds(now))) is not None


def next_due(conn: Connection) -> datetime | None:
    """When something will be due that nobody holds or whose lease has run out; None: nothing waits."""
    query = (
        "SELECT min(CASE WHEN lease_until > next_attempt_at THEN lease_until ELSE next_attempt_at END)"
        " FROM outbound_recipient WHERE finished_at IS NULL AND state = 'waiting'"
    )
    found = raw.row(conn, query)
    return from_milliseconds(found[0]) if found and found[0] is not None else None


def _messages(conn: Connection, ids: Collection[int]) -> dict[int, Any]:
    condition, numbers = raw.among(conn, "id", ids)
    return {row[0]: row for row in raw.rows(conn, _MESSAGES + condition, (numbers,))}


def _people(conn: Connection, ids: Collection[int]) -> dict[int, Addressee]:
    condition, numbers = raw.among(conn, "id", ids)
    found = raw.rows(conn, _RECIPIENTS + condition, (numbers,))
    return {row[0]: _addressee(*row) for row in found}


def _addressee(recipient_id: int, address: str, attempts: int, notify: str, orcpt: str, told: Any) -> Addressee:
    wanted = frozenset(Notify(word) for word in notify.split(",")) if notify else None
    return Addressee(recipient_id, address, attempts, Wish(wanted, orcpt), bool(told))


def _job(row: Any, destination: str, people: list[Addressee]) -> Job:
    identifier, message_pk, queue_id, message_id, sender, size, envid, ret, agency_id, created = row
    queued_at = from_milliseconds(created)
    names = queue_id, message_id, sender
    return Job(identifier, message_pk, *names, size, envid, ret, agency_id, queued_at, destination, tuple(people))


def _ms(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
