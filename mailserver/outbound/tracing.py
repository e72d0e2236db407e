"""Where a message went: from our Received field to every mailbox and every server outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.outbound import listing
from mailserver.outbound.listing import Line, OutgoingMail
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds

# Stored messages looked at that share one Message-ID.
MOST = 100


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mailbox of ours that got the message. There may be several of one: rules of a group, a copy sent again."""

    at: datetime
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
    wanted = message_id.strip().removeprefix("<").removesuffix(">")[:255]
    taken = [one for one in _taken(conn, wanted, agency_id) if agency_id is None or one.arrivals]
    outgoing = listing.by_message_id(conn, wanted, now, agency_id)
    return Trace(tuple(taken), tuple((one, tuple(listing.story(conn, one.id))) for one in outgoing))


def _taken(conn: Connection, message_id: str, agency_id: int | None) -> list[Taken]:
    query = (
        "SELECT m.id, m.created_at, m.size, substr(s.data, 1, m.header_size) FROM message m"
        " LEFT JOIN message_segment s ON s.message_pk = m.id AND s.position = 0"
        f" WHERE m.message_id = ? ORDER BY m.id LIMIT {MOST}"
    )
    return [
        Taken(from_milliseconds(created), _received(bytes(header or b"")), size, _arrivals(conn, message_pk, agency_id))
        for message_pk, created, size, header in raw.rows(conn, query, (message_id,))
    ]


def _arrivals(conn: Connection, message_pk: int, agency_id: int | None) -> tuple[Arrival, ...]:
    """From the event log, which remembers 30 days, whatever has become of the entry since."""
    key = "json_extract(e.data, '$.message_pk')" if raw.is_sqlite(conn) else "(e.data->>'message_pk')::bigint"
    of_agency = "" if agency_id is None else " AND p.agency_id = ?"
    query = (
        "SELECT e.at, p.name, a.address FROM event e JOIN principal p ON p.id = e.owner_id"
        " JOIN address a ON a.principal_id = p.id AND a.is_primary"
        f" WHERE e.kind = 'message.delivered' AND {key} = ?{of_agency} ORDER BY e.id"
    )
    params = (message_pk,) if agency_id is None else (message_pk, agency_id)
    return tuple(Arrival(from_milliseconds(at), name, address) for at, name, address in raw.rows(conn, query, params))


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
