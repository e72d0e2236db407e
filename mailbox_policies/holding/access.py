"""Who may see a kept message, read it, and decide; every other function of this package leaves that to this one.

| who | sees | reads | decides |
|---|---|---|---|
| its sender | yes | yes | takes it back |
| who has to agree | yes | what is held | releases, refuses |
| the registry | what came in for the agency's mailbox | no | everything |
| administrators | all of the agency | no | everything, but not on what they sent themselves |
| whose mail it is | what came in for their own mailbox | no | no |

A document that settles a complaint (04/2017/QĐ-UBND, Điều 4 khoản 3) is its own case: besides its sender only the
registry and who is named to authorise it know of it; that person alone reads and decides, no administrator, and not
whose mailbox it is for.

What the rule of forwards holds is decided by its own procedure alone (`mailbox_policies/forwarding/consent.py`).
What is quarantined nobody reads here (002, Điều 3 khoản 5: it is not opened further); a look at what is somebody
else's is in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, false, func, not_, or_, select

from mailbox_policies.forbidden.finding import Kind as Found
from mailbox_policies.holding import rows
from mailbox_policies.holding.records import KeptMessage, Kind, NoSuchKept, State
from mailbox_policies.rules import forbidden_classes, forward_consent
from mailbox_policies.schema import kept_message
from mailserver.directory import principals
from mailserver.store import audit
from mailserver.store.database import Tx

MANAGES = "manage_accounts"
REGISTERS = "register_incoming"
AUTHORISES = "authorise_settlements"


@unique
class Act(Enum):
    RELEASE = "release"
    REFUSE = "refuse"
    EXTEND = "extend"
    DESTROY = "destroy"
    WITHDRAW = "withdraw"


_EVERYTHING = frozenset((Act.RELEASE, Act.REFUSE, Act.EXTEND, Act.DESTROY))


@dataclass(frozen=True, slots=True)
class Standing:
    """A person with what the agency's regulation lets them do."""

    person_id: int
    agency_id: int
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A kept message as somebody may see it. reads: also what it says. acts: what they may do now."""

    kept: KeptMessage
    reads: bool
    acts: frozenset[Act]


def listing(
    conn: Connection, who: Standing, *, waiting: bool, kind: Kind | None, most: int, skip: int = 0
) -> tuple[list[KeptMessage], int]:
    """What somebody may see, the newest first, and how many there are. waiting: those that wait, else the others."""
    wanted = [_visible(conn, who), (kept_message.c.state == State.WAITING.value) == waiting]
    if kind is not None:
        wanted.append(kept_message.c.kind == kind.value)
    query = select(kept_message).where(*wanted).order_by(kept_message.c.id.desc()).limit(most).offset(skip)
    total: int = conn.execute(select(func.count()).select_from(kept_message).where(*wanted)).scalar_one()
    return [rows.of(row) for row in conn.execute(query)], total


def see(conn: Connection, who: Standing, kept_id: int) -> Seen:
    """Raises NoSuchKept, also for what is not theirs to know of."""
    query = select(kept_message).where(kept_message.c.id == kept_id, _visible(conn, who))
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NoSuchKept(kept_id)
    kept = rows.of(row)
    return Seen(kept, _reads(who, kept), _acts(conn, who, kept) if kept.waits else frozenset())


def must(conn: Connection, who: Standing, kept_id: int, act: Act) -> KeptMessage:
    """Raises NoSuchKept where they may not do that. A message that is decided already they may still be told of."""
    seen = see(conn, who, kept_id)
    if seen.kept.waits and act not in seen.acts:
        raise NoSuchKept(kept_id)
    return seen.kept


def looked_tx(tx: Tx, kept: KeptMessage, *, read: bool) -> None:
    """Note that somebody looked at what another sent or is to get. read: they saw what it says."""
    if tx.actor.principal_id not in (None, kept.actor_id):
        audit.record_tx(tx, "kept.opened", owner_id=kept.actor_id, kept_id=kept.id, rule=kept.rule, read=read)


def _visible(conn: Connection, who: Standing) -> ColumnElement[bool]:
    incoming = kept_message.c.stage == "data"
    ways = [
        kept_message.c.actor_id == who.person_id,
        kept_message.c.waits_for_id == who.person_id,
        and_(incoming, _is_for(who.person_id)),
    ]
    own = kept_message.c.agency_id == who.agency_id
    if MANAGES in who.capabilities:
        ways.append(own)
    if REGISTERS in who.capabilities:
        desk = principals.agency_mailbox(conn, who.agency_id).id
        ways.append(and_(own, incoming, _is_for(desk)))
    # Where there is no such fact, comparing it is neither true nor false: nobody would see the message.
    said = func.coalesce(kept_message.c.facts["kind"].as_string(), "")
    settles = (kept_message.c.rule == forbidden_classes.NAME) & (said == Found.SETTLEMENT.value)
    charged = who.capabilities & {REGISTERS, AUTHORISES}
    to_know = or_(kept_message.c.actor_id == who.person_id, own if charged else false())
    return or_(and_(not_(settles), or_(*ways)), and_(settles, to_know))


def settles_a_complaint(kept: KeptMessage) -> bool:
    """Whether only who is named to authorise it decides."""
    return kept.rule == forbidden_classes.NAME and kept.facts.get("kind") == Found.SETTLEMENT.value


def _is_for(principal_id: int) -> ColumnElement[bool]:
    """Whether a mailbox is among those it is kept back from. No detail can look so: its quotes are escaped."""
    return cast(kept_message.c.mailboxes, Text).contains(f'[{int(principal_id)}, "', autoescape=True)


def _reads(who: Standing, kept: KeptMessage) -> bool:
    if not kept.waits:
        return False
    mine = kept.actor_id == who.person_id
    if settles_a_complaint(kept):
        return mine or AUTHORISES in who.capabilities
    return mine or (kept.kind is Kind.HELD and kept.waits_for_id == who.person_id)


def _acts(conn: Connection, who: Standing, kept: KeptMessage) -> frozenset[Act]:
    if kept.rule == forward_consent.NAME:
        return frozenset()
    if kept.actor_id == who.person_id:
        return frozenset((Act.WITHDRAW,))
    if settles_a_complaint(kept):
        decides = kept.agency_id == who.agency_id and AUTHORISES in who.capabilities
        return frozenset((Act.RELEASE, Act.REFUSE, Act.EXTEND)) if decides else frozenset()
    if kept.agency_id == who.agency_id:
        desk = principals.agency_mailbox(conn, who.agency_id).id
        registry = REGISTERS in who.capabilities and not kept.submitted
        if MANAGES in who.capabilities or (registry and desk in [owner for owner, _detail in kept.mailboxes]):
            return _EVERYTHING
    if kept.kind is Kind.HELD and kept.waits_for_id == who.person_id:
        return frozenset((Act.RELEASE, Act.REFUSE))
    return frozenset()
