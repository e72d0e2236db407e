"""Asking a rule about mail that has come in: what it would have done, and to whose.

One slice after the other, each bounded in time, and each told where the last one ended: whoever asks shows the
progress, may stop, and goes on in any process. Nothing is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, func, select

from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.rule import Rule
from mailbox_policies.rules import forward_consent
from mailbox_policies.spam.assessing import assess
from mailbox_policies.verdict import Action, Case, Stage, Verdict
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.recipients import mailboxes_of
from mailserver.delivery.trace import is_collected
from mailserver.directory import principals
from mailserver.directory.resolve import Unknown, resolve_many
from mailserver.directory.schema import principal
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from mailserver.passing import PassedOn
from mailserver.scanning.rspamd import Facts
from mailserver.scanning.scanners import NO_SCANNERS, Scanners, of_message
from mailserver.senderauth.header import read_ours
from mailserver.senderauth.results import NOTHING_KNOWN, Results
from mailserver.store.errors import StoreUnavailable
from mailserver.store.messages import read_octets
from mailserver.store.schema import entry, folder, message
from mailserver.store.store import Store

# Messages whose rows are read at once, and that one slice looks at at most.
BATCH = 100
# Recipients of one message that are told apart.
MOST_RECIPIENTS = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that the rule would not simply have accepted. at: aware; owners: names of mailboxes that hold it."""

    at: datetime
    sender: str
    subject: str
    owners: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Slice:
    """seen: how many were asked about. last: the id to go on behind, None when there are no more."""

    hits: tuple[Hit, ...]
    seen: int
    last: int | None


def count(conn: Connection, agency_id: int, since: datetime, after: int = 0) -> int:
    """How many messages an agency's mailboxes hold that came since then, behind an id."""
    found = select(func.count()).select_from(message).where(*_of(agency_id, since, after))
    return int(conn.execute(found).scalar_one())


def look(
    store: Store,
    rule: Rule[Any],
    settings: Any,
    agency_id: int,
    since: datetime,
    after: int = 0,
    seconds: float = 2.0,
    clock: Callable[[], float] = time.monotonic,
    scanners: Scanners = NO_SCANNERS,
) -> Slice:
    """Ask about the next messages. since: aware. seconds: after which it begins with no further one. scanners: those
    that a rule may ask."""
    query = select(message).where(*_of(agency_id, since, after)).order_by(message.c.id).limit(BATCH)
    batch = store.db.read(lambda conn: conn.execute(query).all())
    until = clock() + seconds
    hits: list[Hit] = []
    seen, last = 0, None
    for row in batch:
        if seen and clock() >= until:
            return Slice(tuple(hits), seen, last)
        seen, last = seen + 1, row.id
        verdict = _ask(store, rule, settings, agency_id, row, scanners)
        if verdict is not None and verdict.action is not Action.ACCEPT:
            owners = store.db.read(lambda conn, row=row: owners_of(conn, row.id))  # type: ignore[misc]
            hits.append(Hit(row.created_at, row.sender, row.subject, owners, verdict))
    return Slice(tuple(hits), seen, last if len(batch) == BATCH else None)


def try_one(
    rule: Rule[Any],
    settings: Any,
    conn: Connection,
    agency_id: int,
    octets: bytes,
    scanners: Scanners = NO_SCANNERS,
) -> Verdict:
    """What the rule says of one message given as octets, as if it came now."""
    case = _case(conn, rule, settings, agency_id, octets, scanners)
    found = (mailboxes_of(one) for one in resolve_many(conn, case.recipients).values())
    owners = {box.principal_id for boxes in found for box in boxes}
    return rule.check(settings, _with_opinions(conn, rule, settings, case, _among(conn, agency_id, owners)))


def _ask(
    store: Store, rule: Rule[Any], settings: Any, agency_id: int, row: Row[Any], scanners: Scanners
) -> Verdict | None:
    """None for a message that is gone meanwhile."""
    try:
        octets = store.db.read(lambda conn: read_octets(conn, store.blobs, row.id))
    except StoreUnavailable:
        return None
    case = store.db.read(lambda conn: _case(conn, rule, settings, agency_id, octets, scanners))
    return rule.check(settings, store.db.read(lambda conn: _for_holders(conn, rule, settings, case, row.id)))


def _for_holders(conn: Connection, rule: Rule[Any], settings: Any, case: Case, message_pk: int) -> Case:
    """A message in the store, with opinions for those of the agency who have it."""
    holders = _holders(message_pk).where(principal.c.agency_id == case.agency_id).with_only_columns(principal.c.id)
    return _with_opinions(conn, rule, settings, case, list(conn.execute(holders).scalars()))


def _with_opinions(conn: Connection, rule: Rule[Any], settings: Any, case: Case, owners: Sequence[int]) -> Case:
    """By what is learned today; only for mail from outside, whose sender was looked at or which was collected."""
    agency_id, contents, found = case.agency_id, case.contents, case.authenticity
    if not rule.by_opinion or agency_id is None or contents is None or found is None or case.stage is not Stage.DATA:
        return case
    asked = [(owner, agency_id) for owner in owners]
    return replace(case, opinions=assess(conn, contents, found, asked, lambda _agency_id: settings))


def _authenticity(header: bytes) -> Results | None:
    """As it was when the message came: also of collected mail, of whose sender nothing is known, there are opinions."""
    return read_ours(header) or (NOTHING_KNOWN if is_collected(header) else None)


def _among(conn: Connection, agency_id: int, owners: Collection[int]) -> list[int]:
    """Those of the agency; its own mailbox if there are none, as for a message that was given as a file."""
    own = principal.c.agency_id == agency_id
    query = select(principal.c.id).where(own, principal.c.id.in_(owners) | (principal.c.kind == "agency"))
    found = list(conn.execute(query.order_by(principal.c.id)).scalars())
    return [one for one in found if one in owners] or found


def _case(conn: Connection, rule: Rule[Any], settings: Any, agency_id: int, octets: bytes, scanners: Scanners) -> Case:
    """The message as it would have been asked about: at submission if its author is one of the agency's.

    What it passes on is looked for in the mail that its author has today, and inside the border that is tried.
    """
    scanned = scan(octets)
    author = principals.by_address(conn, scanned.from_[0].addr) if scanned.from_ else None
    own = author is not None and author.agency_id == agency_id and Stage.SUBMISSION in rule.stages
    addresses = tuple(dict.fromkeys(one.addr for one in (*scanned.to, *scanned.cc, *scanned.bcc)))[:MOST_RECIPIENTS]
    away = [one for one, found in resolve_many(conn, addresses).items() if found == Unknown(local=False)] if own else ()
    sender = scanned.from_[0].addr if scanned.from_ else ""
    actor = Actor(author.id, author.agency_id, "smtp") if own and author is not None else SYSTEM
    passes_on: tuple[PassedOn, ...] = ()
    if own and rule.name == forward_consent.NAME:
        passes_on = Asking(lambda _agency_id: settings.border, _now)(conn, actor, octets, addresses)
    return Case(
        stage=Stage.SUBMISSION if own or Stage.DATA not in rule.stages else Stage.DATA,
        actor=actor,
        agency_id=agency_id,
        sender=sender,
        recipients=addresses,
        size=scanned.size,
        decoded_size=scanned.decoded_size,
        scanned=scanned,
        authenticity=None if own else _authenticity(octets[: scanned.header_size]),
        outside=tuple(away),
        contents=Contents(octets, scanned),
        scans=of_message(scanners, octets, octets, Facts(sender, addresses)) if scanners.any else None,
        passes_on=passes_on,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _of(agency_id: int, since: datetime, after: int) -> Sequence[ColumnElement[bool]]:
    held = (
        exists()
        .where(entry.c.message_pk == message.c.id)
        .where(folder.c.id == entry.c.folder_id)
        .where(principal.c.id == folder.c.owner_id)
        .where(principal.c.agency_id == agency_id)
    )
    return (message.c.created_at >= since, message.c.id > after, held)


def owners_of(conn: Connection, message_pk: int) -> tuple[str, ...]:
    """Names of the mailboxes that hold the message."""
    return tuple(conn.execute(_holders(message_pk).order_by(principal.c.name)).scalars())


def _holders(message_pk: int) -> Select[str]:
    return (
        select(principal.c.name)
        .join(folder, folder.c.owner_id == principal.c.id)
        .join(entry, entry.c.folder_id == folder.c.id)
        .where(entry.c.message_pk == message_pk)
        .distinct()
    )
