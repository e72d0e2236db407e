"""A file that is handed over to people outside too: they are written to, as the sender would write to them.

The letter goes the way of all letters: what keeps letters keeps this one, and each reader outside gets a link of
their own (`leaving`). People of ours are told as always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.handing import Ready, Wish, hand_and_tell_tx, prepare
from mailbox_policies.sentfiles.telling import for_outside
from mailserver.actor import Actor
from mailserver.delivery import automatic
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.keeping import Notice
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.directory.addresses import lookup_key
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.compose import Draft, compose, new_message_id
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Handed:
    """until: when the file goes by itself. kept: what a rule keeps back of the letter to people outside."""

    until: datetime
    kept: Sequence[Notice] = ()


def hand(desk: Desk, delivery: Delivery, actor: Actor, file_id: int, wish: Wish, trace: Received) -> Handed:
    """Hand a file over, and tell everybody. Durable on return.

    Raises as `handing.prepare` and `handing.hand_tx`, and for people outside as `submit_sync`.
    """
    message_id = new_message_id(delivery.hostname)
    ready = prepare(desk, actor, file_id, replace(wish, message_id=message_id))
    until = delivery.clock()

    def work(tx: Tx) -> None:
        nonlocal until
        until = hand_and_tell_tx(tx, desk, ready)

    if not ready.outside:
        desk.store.db.write(work, actor)
        return Handed(until)
    data = _letter(desk, ready, wish, delivery.clock())
    envelope = ready.sender.address, ready.outside, trace
    letter = Letter(data, *envelope, sent_copy=data, confirmed=wish.confirmed)
    sent = submit_sync(delivery, actor, letter, first=work)  # the links are there when the letter leaves
    return Handed(until, sent.kept)


def _letter(desk: Desk, ready: Ready, wish: Wish, now: datetime) -> bytes:
    """In the sender's name; who gets it as a member of a list is not named."""
    named = {lookup_key(one) for one in wish.addresses}
    to = [automatic.address(one) for one in ready.outside if lookup_key(one) in named]
    until = now + timedelta(days=ready.outside_days)
    subject, text = for_outside(ready.sender, ready.subject, until, desk.page(ready.file_id))
    return compose(
        Draft(
            from_=automatic.address(ready.sender),
            to=tuple(to),
            cc=(),
            bcc=(),
            subject=subject,
            text=text,
            date=now.astimezone(OFFICE_ZONE),
            message_id=ready.message_id,
        )
    )
