"""From a message that is in to the answer: delivery, and what each of its outcomes is called in SMTP.

Runs apart from the connection: a client that hangs up does not stop it half-way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from mailserver.actor import Actor
from mailserver.delivery import circulation, marks, returning, submission
from mailserver.delivery.envelope import Wishes
from mailserver.delivery.errors import DeliveryError, PolicyRefused
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.keeping import Notice
from mailserver.delivery.recipients import mailboxes_of
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.directory.resolve import Resolution
from mailserver.senderauth.header import without_forged
from mailserver.senderauth.results import Results, Spf
from mailserver.smtp import replies
from mailserver.smtp.door import Door
from mailserver.smtp.replies import Answer
from mailserver.smtp.settings import Role
from mailserver.smtp.unacknowledged import Answers
from mailserver.store.errors import MoveRefused, StoreError

log = logging.getLogger(__name__)
Line = Callable[[Answer], str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A message with its envelope, as the door took it.

    addresses: recipients in the order they came, one that was named twice twice; resolved: whose.
    spf: under way, None if the sender is not looked at; authenticity: what came of the look. returns: recipients that
    are rewritten senders, with whom they stand for; then there are no others.
    """

    data: bytes
    sender: str
    addresses: Sequence[str]
    resolved: Mapping[str, Resolution]
    actor: Actor
    trace: Received
    wishes: Wishes
    spf: asyncio.Task[Spf] | None = None
    authenticity: Results | None = None
    returns: Mapping[str, str] = field(default_factory=dict)


async def accept(door: Door, taken: Taken, line: Line, held: AsyncExitStack) -> Answers:
    """Deliver, and say how it went: one answer, over LMTP one for each address. Never raises.

    line: turns an answer into text for this peer. held: let go of when the message is delivered.
    """
    async with held:
        taken = await _examined(door, taken)
        outcome = await _outcome(door, taken)
    if isinstance(outcome, Mapping):
        answers = [line(outcome[address]) for address in taken.addresses]
    else:
        answers = for_all(door.role, line(outcome), len(taken.addresses))
    facts = taken.trace.id, taken.sender, len(taken.addresses), len(taken.data), answers[0]
    log.info("%s: %s from=<%s> recipients=%d octets=%d: %s", taken.actor.remote, *facts)
    return answers


async def _examined(door: Door, taken: Taken) -> Taken:
    """The message as it may be stored, with what is known about its sender.

    At the MX a field that claims to be this server's own finding is forged, and is taken out after the
    signatures were tried (RFC 8601 §5). Nothing else of a message is ever changed.
    """
    if door.role is not Role.MX:
        return taken
    authenticity = None
    if door.judge is not None and taken.spf is not None:
        authenticity = await door.judge.results(taken.data, taken.spf)
    data = marks.without_forged(without_forged(taken.data, door.delivery.hostname))
    return replace(taken, data=data, authenticity=authenticity)


async def _outcome(door: Door, taken: Taken) -> Answer | Mapping[str, Answer]:
    """The answer for the whole message, or, where they may differ, for each address."""
    try:
        kept = await _deliver(door, taken, taken.addresses)
    except (MoveRefused, PolicyRefused) as refused:
        if door.role is Role.LMTP and len(taken.addresses) > 1:
            return {address: await _one_by_one(door, taken, address) for address in set(taken.addresses)}
        return replies.answer_to(refused)
    except Exception as error:
        return _explained(taken, error)
    return _accepted(taken, kept)


async def _one_by_one(door: Door, taken: Taken, address: str) -> Answer:
    """LMTP can tell of each recipient apart (RFC 2033 §4.2), so one that refuses stops no other."""
    try:
        kept = await _deliver(door, taken, (address,))
    except Exception as error:
        return _explained(taken, error)
    return _accepted(taken, kept)


def _accepted(taken: Taken, kept: Sequence[Notice]) -> Answer:
    return replies.kept(taken.trace.id, kept) if kept else f"{replies.OK}: {taken.trace.id}"


async def _deliver(door: Door, taken: Taken, addresses: Sequence[str]) -> Sequence[Notice]:
    if door.role.is_submission:
        letter = Letter(taken.data, taken.sender, tuple(addresses), taken.trace, wishes=taken.wishes)
        return (await submission.submit(door.delivery, taken.actor, letter)).kept
    if taken.returns:
        back = addresses[0], taken.returns[addresses[0]]
        back_to = returning.deliver(door.delivery, taken.data, *back, taken.actor, taken.trace, taken.authenticity)
        return await back_to
    boxes = [box for address in addresses for box in mailboxes_of(taken.resolved[address])]
    lists = circulation.copies_of({one: taken.resolved[one] for one in addresses}, ())
    lists = circulation.admitted_from_outside(lists)
    facts = taken.data, taken.sender, tuple(addresses), boxes, taken.actor, taken.trace
    incoming = Incoming(*facts, wishes=taken.wishes, authenticity=taken.authenticity, lists=lists)
    return await door.delivery.deliver(incoming)


def _explained(taken: Taken, error: Exception) -> Answer:
    """The answer to an error; what is not the peer's doing goes to the log."""
    answer = replies.answer_to(error)
    if answer is replies.OUR_FAULT:
        known = isinstance(error, StoreError | DeliveryError)
        log.error("%s: %s: %r", taken.actor.remote, taken.trace.id, error, exc_info=None if known else error)
    return answer


def for_all(role: Role, answer: str, recipients: int) -> Answers:
    """The same answer to a whole message: once, over LMTP once for each recipient (RFC 2033 §4.2)."""
    return [answer] * (recipients if role is Role.LMTP else 1)
