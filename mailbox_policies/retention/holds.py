"""Mail that is kept under an order (lưu giữ theo lệnh): of a mailbox, of a person, or single messages.

While a hold stands, the rule removes nothing of it, the vault forgets nothing of it, and no deleted post of it goes
for good: an owner who deletes held mail takes it out of sight, not away. A hold on a person covers the own mailbox,
and in every other mailbox of the agency what the person wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from mailbox_policies.retention.schema import legal_hold
from mailserver.directory import principals
from mailserver.store import audit, raw
from mailserver.store.messages import pin_tx, unpin_tx
from mailserver.store.schema import message
from mailserver.store.tx import Tx

MOST_MESSAGES = 200


class NothingToHold(Exception):
    """No such mailbox, person or message in the agency; nothing has changed."""


class NoSuchHold(Exception):
    """There is none by this number in the agency, or it has ended."""


@unique
class HoldKind(Enum):
    MAILBOX = "mailbox"
    PERSON = "person"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Hold:
    """what: an address, or the subject of a message. until: None without an end. ended_by_id: None where its time
    was over."""

    id: int
    kind: HoldKind
    principal_id: int | None
    message_pk: int | None
    what: str
    reason: str
    until: datetime | None
    created_at: datetime
    created_by_id: int | None
    ended_at: datetime | None
    ended_by_id: int | None


def of_agency(conn: Connection, agency_id: int) -> list[Hold]:
    """All holds, those that stand first, then the newest."""
    query = (
        select(legal_hold)
        .where(legal_hold.c.agency_id == agency_id)
        .order_by(legal_hold.c.ended_at.is_not(None), legal_hold.c.id.desc())
    )
    return [_hold(row) for row in conn.execute(query)]


def held_among(conn: Connection, agency_id: int, mail: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Which of these (mailbox, message) a standing hold covers."""
    asked = set(mail)
    standing = (legal_hold.c.agency_id == agency_id, legal_hold.c.ended_at.is_(None))
    holds = [_hold(row) for row in conn.execute(select(legal_hold).where(*standing))] if asked else []
    boxes = {one.principal_id for one in holds if one.kind is not HoldKind.MESSAGE}
    messages = {one.message_pk for one in holds if one.kind is HoldKind.MESSAGE}
    people = [one.principal_id for one in holds if one.kind is HoldKind.PERSON and one.principal_id is not None]
    if people:
        messages |= _written_by(conn, people, {message_pk for _owner, message_pk in asked})
    return {one for one in asked if one[0] in boxes or one[1] in messages}


def standing_boxes() -> Select[tuple[int]]:
    """A query for the mailboxes and people that stand under a hold."""
    this = (legal_hold.c.ended_at.is_(None), legal_hold.c.principal_id.is_not(None))
    return select(legal_hold.c.principal_id).where(*this)


def standing_messages() -> Select[tuple[str]]:
    """A query for the Message-IDs, without angle brackets, of messages that stand under a hold."""
    held = select(legal_hold.c.message_pk).where(legal_hold.c.ended_at.is_(None), legal_hold.c.message_pk.is_not(None))
    named = (message.c.message_id.is_not(None), message.c.id.in_(held))
    return select(message.c.message_id).where(*named)


def _written_by(conn: Connection, people: Iterable[int], message_pks: set[int]) -> set[int]:
    found: set[int] = set()
    condition, numbers = raw.among(conn, "id", message_pks)
    for address in {one for person in people for one in principals.addresses_of(conn, person)}:
        like = f"%{raw.literally(address)}%"
        query = f"SELECT id FROM message WHERE {condition} AND from_folded LIKE ? ESCAPE '!'"
        found.update(row[0] for row in raw.rows(conn, query, (numbers, like)))
    return found


def hold_tx(
    tx: Tx,
    agency_id: int,
    kind: HoldKind,
    what: str,
    reason: str,
    until: datetime | None,
    now: datetime,
    others: Collection[int] = (),
) -> int:
    """Hold a mailbox or a person, by address, or a message by its Message-ID wherever it lies; how many holds
    were made. others: messages of the agency that may be held though they lie in no mailbox any more, as those that
    only an inspection has. Raises NothingToHold. Who may do so is the caller's to check."""
    if kind is HoldKind.MESSAGE:
        targets = _messages(tx.conn, agency_id, what, others)
    else:
        targets = _box(tx.conn, agency_id, kind, what)
    for principal_id, message_pk, words in targets:
        row = {"agency_id": agency_id, "kind": kind.value, "principal_id": principal_id, "message_pk": message_pk}
        by = {"created_at": now, "created_by_id": tx.actor.principal_id}
        tx.conn.execute(insert(legal_hold).values(**row, what=words, reason=reason, until=until, **by))
        if message_pk is not None:
            pin_tx(tx, message_pk)
        told: dict[str, Any] = {"what": words, "reason": reason, "until": until.isoformat() if until else None}
        audit.record_tx(tx, "retention.held", owner_id=principal_id, kind=kind.value, message=message_pk, **told)
    return len(targets)


def end_tx(tx: Tx, agency_id: int, hold_id: int, now: datetime) -> None:
    """End a hold. Raises NoSuchHold."""
    query = select(legal_hold).where(legal_hold.c.id == hold_id, legal_hold.c.agency_id == agency_id)
    row = tx.conn.execute(query.with_for_update()).one_or_none()
    if row is None or row.ended_at is not None:
        raise NoSuchHold(hold_id)
    hold = _hold(row)
    done = {"ended_at": now, "ended_by_id": tx.actor.principal_id}
    tx.conn.execute(update(legal_hold).where(legal_hold.c.id == hold_id).values(**done))
    if hold.message_pk is not None:
        unpin_tx(tx, hold.message_pk)
    audit.record_tx(tx, "retention.released", owner_id=hold.principal_id, hold=hold.id, what=hold.what)


def end_due_tx(tx: Tx, agency_id: int, now: datetime) -> int:
    """End those whose time is over; how many."""
    over = (legal_hold.c.agency_id == agency_id, legal_hold.c.ended_at.is_(None), legal_hold.c.until <= now)
    found = list(tx.conn.execute(select(legal_hold.c.id).where(*over)).scalars())
    for hold_id in found:
        end_tx(tx, agency_id, hold_id, now)
    return len(found)


def message_id(asked: str) -> str:
    """As it is stored: without brackets."""
    return asked.strip().strip("<>")


_Target = tuple[int | None, int | None, str]


def _box(conn: Connection, agency_id: int, kind: HoldKind, what: str) -> list[_Target]:
    found = principals.by_address(conn, what.strip())
    fits = found is not None and (kind is HoldKind.MAILBOX or found.kind is principals.Kind.PERSON)
    if found is None or not fits or found.agency_id != agency_id:
        raise NothingToHold(what)
    return [(found.id, None, found.address)]


def _messages(conn: Connection, agency_id: int, what: str, others: Collection[int]) -> list[_Target]:
    """Every stored message of this Message-ID that lies in a mailbox of the agency or in its vault, that is a hidden
    post there, or one of the others."""
    condition, numbers = raw.among(conn, "m.id", others)
    places = (
        "entry e JOIN folder f ON f.id = e.folder_id JOIN principal p ON p.id = f.owner_id WHERE e.message_pk = m.id",
        "removed_entry r JOIN principal p ON p.id = r.owner_id WHERE r.message_pk = m.id",
        "board_hidden b JOIN folder f ON f.id = b.folder_id JOIN principal p ON p.id = f.owner_id"
        " WHERE b.message_pk = m.id AND b.held",
    )
    somewhere = " OR ".join(f"EXISTS (SELECT 1 FROM {place} AND p.agency_id = ?)" for place in places)
    query = f"SELECT m.id, m.subject FROM message m WHERE m.message_id = ? AND ({condition} OR {somewhere})"
    params = (message_id(what), numbers, *(agency_id for _place in places), MOST_MESSAGES)
    found = raw.rows(conn, f"{query} ORDER BY m.id LIMIT ?", params)
    if not found:
        raise NothingToHold(what)
    return [(None, message_pk, subject[:300]) for message_pk, subject in found]


def _hold(row: Row[tuple[object, ...]]) -> Hold:
    facts = row._mapping
    names = ("principal_id", "message_pk", "what", "reason", "until", "created_at", "created_by_id", "ended_at")
    kept = {name: facts[name] for name in names}
    return Hold(id=facts["id"], kind=HoldKind(facts["kind"]), ended_by_id=facts["ended_by_id"], **kept)
