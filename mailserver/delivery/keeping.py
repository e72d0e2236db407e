"""Mail that a policy keeps back: who gets it at once, and what is handed to whoever keeps the rest.

The extension point for HOLD and QUARANTINE: `Keeper` is called in the transaction that delivers to the others,
so the answer "kept" means what 250 means. Without a keeper such mail is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery.circulation import Portion
from mailserver.delivery.envelope import NO_WISHES, Wishes
from mailserver.delivery.mailboxes import Inbox
from mailserver.delivery.recipients import mailboxes_of
from mailserver.directory.resolve import Mailbox, resolve_many
from mailserver.policy import Action, Article, Case, Cause, Stage, Verdict
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one message for one agency's reason.

    case, verdict: what was asked, and the answer. addresses: of the envelope, for whom it is kept back;
    mailboxes: where it would have gone; outside: those of the addresses that are not ours; lists: by which lists to
    whom of these. queue_id: as in our Received field. message_id: without angle brackets, "" for none. size: octets
    as stored.
    """

    message_pk: int
    case: Case
    verdict: Verdict
    addresses: tuple[str, ...]
    mailboxes: tuple[Mailbox, ...]
    outside: tuple[str, ...]
    queue_id: str
    message_id: str
    size: int
    wishes: Wishes = NO_WISHES
    lists: tuple[Portion, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What the door tells of a message that is kept. id: the keeper's. waits_for: an address, or ""."""

    id: int
    action: Action
    cause: Cause
    rule: str
    article: Article | None
    waits_for: str
    addresses: tuple[str, ...]


class Keeper(Protocol):
    """Keeps mail until somebody decides."""

    def keep_tx(self, tx: Tx, kept: Kept) -> int:
        """Take the stored message, pin it; its number. In the transaction that accepts it."""
        ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """For whom a message came: whose mailboxes with their INBOX folders, and which addresses are outside."""

    sender: str
    addresses: tuple[str, ...]
    mailboxes: tuple[Mailbox, ...]
    boxes: tuple[Inbox, ...]
    outside: tuple[str, ...]
    actor: Actor
    stage: Stage
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Share:
    """A part of an envelope that is kept back, and the answer that says so."""

    case: Case
    verdict: Verdict
    addresses: tuple[str, ...]
    mailboxes: tuple[Mailbox, ...]
    outside: tuple[str, ...]


def divide(
    conn: Connection, envelope: Envelope, answers: Sequence[tuple[Case, Verdict]]
) -> tuple[Envelope, list[Share]]:
    """What goes on at once, and what is kept back by whose answer.

    The writer's own agency has a say in the whole of what its people send, another in what comes to its people.
    Who is reached by an address that is not kept back gets the message, whatever other address names them too.
    """
    behind = {
        address: {(box.principal_id, box.detail) for box in mailboxes_of(found)}
        for address, found in resolve_many(conn, envelope.addresses).items()
    }
    left, shares = envelope, []
    for case, verdict in answers:
        named = set(envelope.addresses if verdict.for_recipients is None else verdict.for_recipients)
        free = set().union(*(boxes for address, boxes in behind.items() if address not in named))
        everything = case.stage is Stage.SUBMISSION and case.agency_id == envelope.actor.agency_id
        kept = {
            (box.principal_id, box.detail)
            for box, inbox in zip(left.mailboxes, left.boxes, strict=True)
            if everything or case.agency_id in (None, inbox.agency_id)
        } - free
        # Mail from outside leaves again by lists only; what is kept from their members here is kept from those too.
        leaves = everything or case.stage is not Stage.SUBMISSION
        outside = tuple(one for one in left.outside if leaves and one in named)
        if not kept and not outside:
            continue
        shown = [one for one in envelope.addresses if one in outside or behind.get(one, set()) & kept]
        boxes = tuple(box for box in left.mailboxes if (box.principal_id, box.detail) in kept)
        shares.append(Share(case, verdict, tuple(shown) or envelope.addresses, boxes, outside))
        left = _without(left, kept, outside)
    return left, shares


def _without(envelope: Envelope, kept: set[tuple[int, str]], outside: Sequence[str]) -> Envelope:
    pairs = [
        (box, inbox)
        for box, inbox in zip(envelope.mailboxes, envelope.boxes, strict=True)
        if (box.principal_id, box.detail) not in kept
    ]
    return replace(
        envelope,
        mailboxes=tuple(box for box, _inbox in pairs),
        boxes=tuple(inbox for _box, inbox in pairs),
        outside=tuple(one for one in envelope.outside if one not in outside),
    )
