"""Where a message went: from our Received field to every mailbox and every server outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailserver.outbound import listing
from mailserver.outbound.listing import Line, OutgoingMail
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds, milliseconds

# Stored messages looked at that share one Message-ID.
MOST = 100
# A message arrives when it is stored; transactions beside it may have numbers a little before or behind.
SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mailbox of ours that got the message. There may be several of one: rules of a group, a copy sent again."""

    at: datetime
    owner_id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One time that this server took the message. received: our Received field on one line, "" if none."""

    at: datetime
    received: str
    size: int
    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything known of a Message-ID. outgoing: with its story."""

    taken: tuple[Taken, ...]
    outgoing: tuple[tuple[OutgoingMail, tuple[Line, ...]], ...]

    @property
    def is_empty(self) -> bool:
        return not (self.taken or self.outgoing)


def trace(conn: Connection, message_id: str, now: datetime, agency_id: int | None = None) -> Trace:
    """message_id: with or without angle brackets. agency_id: only its mailboxes and what its people sent."""
    wanted = _plain(message_id)
    outgoing = listing.by_message_id(conn, wanted, now, agency_id)
    return _trace(conn, wanted, outgoing, "" if agency_id is None else " AND p.agency_id = ?", agency_id)


def trace_own(conn: Connection, message_id: str, now: datetime, actor_id: int) -> Trace:
    """As `trace`, but only what this person has sent: a Message-ID is soon written, and says nothing of who asks."""
    wanted = _plain(message_id)
    outgoing = listing.by_message_id(conn, wanted, now, actor_id=actor_id)
    return _trace(conn, wanted, outgoing, " AND e.actor_id = ?", actor_id)


def _plain(message_id: str) -> str:
    return message_id.strip().removeprefix("<").removesuffix(">")[:255]


def _trace(
    conn: Connection, message_id: str, outgoing: list[OutgoingMail], condition: str, number: int | None
) -> Trace:
    """condition: on events `e` and principals `p`, with the number; "" with None."""
    taken = [one for one in _taken(conn, message_id, condition, number) if number is None or one.arrivals]
    return Trace(tuple(taken), tuple((one, tuple(listing.story(conn, one.id))) for one in outgoing))


def _taken(conn: Connection, message_id: str, condition: str, number: int | None) -> list[Taken]:
    query = (
        "SELECT m.id, m.created_at, m.size, substr(s.data, 1, m.header_size) FROM message m"
        " LEFT JOIN message_segment s ON s.message_pk = m.id AND s.position = 0"
        f" WHERE m.message_id = ? ORDER BY m.id LIMIT {MOST}"
    )
    found = []
    for message_pk, created, size, header in raw.rows(conn, query, (message_id,)):
        at = from_milliseconds(created)
        arrivals = _arrivals(conn, message_pk, at, condition, number)
        found.append(Taken(at, _received(bytes(header or b"")), size, arrivals))
    return found


def _arrivals(
    conn: Connection, message_pk: int, stored_at: datetime, condition: str, number: int | None
) -> tuple[Arrival, ...]:
    """From the event log, which remembers 30 days, whatever has become of the entry since."""
    key = "json_extract(e.data, '$.message_pk')" if raw.is_sqlite(conn) else "(e.data->>'message_pk')::bigint"
    query = (
        "SELECT e.at, e.owner_id, p.name, a.address FROM event e JOIN principal p ON p.id = e.owner_id"
        " JOIN address a ON a.principal_id = p.id AND a.is_primary"
        f" WHERE e.id >= ? AND e.id < ? AND e.kind = 'message.delivered' AND {key} = ?{condition} ORDER BY e.id"
    )
    near = _events_near(conn, stored_at)
    params = (*near, message_pk) if number is None else (*near, message_pk, number)
    return tuple(Arrival(from_milliseconds(at), *whose) for at, *whose in raw.rows(conn, query, params))


def _events_near(conn: Connection, at: datetime) -> tuple[int, int]:
    """The numbers of the first event within SLACK of this moment, and of the first one behind."""
    bounds = raw.row(conn, "SELECT min(id), max(id) FROM event")
    low, high = (bounds[0] or 0, (bounds[1] or 0) + 1) if bounds else (0, 1)
    first = _first_since(conn, at - SLACK, low, high)
    return first, _first_since(conn, at + SLACK, first, high)


def _first_since(conn: Connection, since: datetime, low: int, high: int) -> int:
    """The first event at this moment or behind it, by halving: the log has no index of times. low, high: its bounds."""
    wanted = milliseconds(since)
    while low < high:
        middle = (low + high) // 2
        found = raw.row(conn, "SELECT id, at FROM event WHERE id >= ? ORDER BY id LIMIT 1", (middle,))
        if found is None or found[1] >= wanted:
            high = middle
        else:
            low = found[0] + 1
    return low


def _received(header: bytes) -> str:
    """Our Received field, unfolded; it stands behind our Return-Path."""
    at = header.find(b"Received:")
    if at < 0:
        return ""
    field = bytearray()
    for line in header[at:].split(b"\r\n"):
        if field and not line.startswith((b" ", b"\t")):
            break
        field += b" " + line.strip()
    return field.decode("utf-8", "replace").strip()
