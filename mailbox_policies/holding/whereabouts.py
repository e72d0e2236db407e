"""What became of a letter, recipient by recipient, for who sent it (123/QĐ-SCT Điều 9: nothing is kept back in secret).

Only of what this person has sent: the records are found by the Message-ID, which anybody may write into a letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailbox_policies.holding.records import KeptMessage, State
from mailbox_policies.holding.rows import of
from mailbox_policies.schema import kept_message
from mailserver.directory.resolve import Mailbox, Many, Resolution, resolve_many
from mailserver.mime.address import Address
from mailserver.mime.scan import Scanned
from mailserver.outbound import tracing
from mailserver.outbound.listing import Recipient
from mailserver.outbound.tracing import Arrival, Trace

# Recipients that are shown.
MOST = 500


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of one recipient, as the letter names them.

    recipient: None for those that the letter does not name: blind copies, by how many mailboxes they came into.
    arrived: when it came into a mailbox of ours; mailboxes: into how many, of a list or a group. outgoing: on its way
    to, or at, another server. kept: kept back by a rule, or decided on since. Of all that, nothing: no record is left.
    """

    recipient: Address | None
    arrived: datetime | None = None
    mailboxes: int = 0
    outgoing: Recipient | None = None
    kept: KeptMessage | None = None

    @property
    def kept_back(self) -> KeptMessage | None:
        """What a rule has done, unless the letter has gone on since."""
        if self.kept is None or self.kept.waits:
            return self.kept
        return self.kept if self.arrived is None and self.outgoing is None else None


def whereabouts(conn: Connection, actor_id: int, scanned: Scanned, now: datetime) -> tuple[Whereabouts, ...]:
    """Of a letter that the person may read; nothing where it has no Message-ID, or nothing is recorded of their
    sending it."""
    if not scanned.message_id:
        return ()
    found = tracing.trace_own(conn, scanned.message_id, now, actor_id)
    kept = _kept(conn, actor_id, scanned.message_id)
    if found.is_empty and not kept:
        return ()
    people = _each_once([*scanned.to, *scanned.cc, *scanned.bcc, *_blind(found, kept, scanned)])[:MOST]
    resolved = resolve_many(conn, [one.addr for one in people])
    arrivals = [one for taken in found.taken for one in taken.arrivals]
    outgoing = {one.address.lower(): one for mail, _story in found.outgoing for one in mail.recipients}
    named = [_one(person, resolved[person.addr], arrivals, outgoing, kept) for person in people]
    return (*named, *_others(arrivals, resolved.values()))


def _one(
    person: Address,
    whose: Resolution,
    arrivals: Sequence[Arrival],
    outgoing: Mapping[str, Recipient],
    kept: Sequence[KeptMessage],
) -> Whereabouts:
    """outgoing: by address, the last attempt of several."""
    here = _among(arrivals, whose)
    return Whereabouts(
        person,
        min((one.at for one in here), default=None),
        len({one.owner_id for one in here}) if isinstance(whose, Many) else 0,
        outgoing.get(person.addr.lower()),
        next((one for one in kept if person.addr.lower() in _named(one)), None),
    )


def _blind(found: Trace, kept: Iterable[KeptMessage], scanned: Scanned) -> list[Address]:
    """Recipients elsewhere and those for whom it was kept back, whether the letter names them or not; what a list
    sent to its members has the list's owner as its sender, and is not the writer's to see."""
    own = {one.addr.lower() for one in (*scanned.from_, *scanned.sender)}
    sent = [mail for mail, _story in found.outgoing if mail.sender.lower() in own]
    texts = [one.address for mail in sent for one in mail.recipients]
    texts += [one for row in kept for one in row.recipients]
    return [Address("", *text.rsplit("@", 1)) for text in texts if "@" in text]


def _others(arrivals: Sequence[Arrival], named: Iterable[Resolution]) -> list[Whereabouts]:
    """The mailboxes that got it and that nobody named stands for."""
    shown = {one.owner_id for whose in named for one in _among(arrivals, whose)}
    left = [one for one in arrivals if one.owner_id not in shown]
    if not left:
        return []
    return [Whereabouts(None, min(one.at for one in left), len({one.owner_id for one in left}))]


def _among(arrivals: Iterable[Arrival], whose: Resolution) -> list[Arrival]:
    match whose:
        case Mailbox(principal_id=one):
            return [arrival for arrival in arrivals if arrival.owner_id == one]
        case Many(members=members):
            return [arrival for arrival in arrivals if arrival.owner_id in members]
    return []


def _kept(conn: Connection, actor_id: int, message_id: str) -> list[KeptMessage]:
    """Those that wait first, then the last decided."""
    mine = (kept_message.c.actor_id == actor_id) & (kept_message.c.message_id == message_id)
    rows = conn.execute(select(kept_message).where(mine).order_by(kept_message.c.id.desc()))
    return sorted(map(of, rows), key=lambda one: one.state is not State.WAITING)


def _named(kept: KeptMessage) -> frozenset[str]:
    return frozenset(one.lower() for one in (*kept.recipients, *kept.outside))


def _each_once(people: Iterable[Address]) -> list[Address]:
    """By address, as they are named first."""
    found: dict[str, Address] = {}
    for one in people:
        if one.addr:
            found.setdefault(one.addr.lower(), one)
    return list(found.values())
