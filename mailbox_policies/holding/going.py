"""Letting a kept letter go: it leaves as if nothing had kept it.

Members of distribution lists get the list's copy, under the list's owner as sender where they are elsewhere; a list
that wants letters of others to wait for its owner has it wait there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailbox_policies.holding import circulated, keeper, wishes
from mailbox_policies.holding.moderating import Owners
from mailbox_policies.holding.records import KeptMessage
from mailserver.delivery import circulation, marks
from mailserver.delivery.circulation import RETURN_PATH, ListCopy, Portion
from mailserver.delivery.envelope import NO_WISHES
from mailserver.delivery.mailboxes import Inbox, Inboxes, put_tx
from mailserver.delivery.outside import Outside, Parcel
from mailserver.directory import mailing_lists
from mailserver.directory.records import office_day
from mailserver.directory.resolve import Mailbox
from mailserver.store.database import Tx
from mailserver.store.fronting import with_front_tx, with_header_tx
from mailserver.store.messages import info


def deliver_tx(
    tx: Tx, outside: Outside, owners: Owners, kept: KeptMessage, message_pk: int, field: bytes = b""
) -> tuple[str, ...]:
    """Give a stored message to those it was kept from; the addresses of lists for whose owners it waits instead.

    field: put in front of it. Raises MoveRefused, FolderMissing, ExternalRecipientRefused.
    """
    boxes = Inboxes().find(tx.conn, [Mailbox(owner, detail) for owner, detail in kept.mailboxes])
    going, waiting = kept.outside, []
    if going:
        outside.check(going)
    for portion in kept.lists:
        copy = portion.copy
        mine = [box for box in boxes if box.owner_id in copy.members]
        boxes = [box for box in boxes if box.owner_id not in copy.members]
        theirs = tuple(one for one in going if one in copy.outside)
        going = tuple(one for one in going if one not in copy.outside)
        copy_pk = _copy_tx(tx, message_pk, portion, field)
        if copy.held:
            _ask_owner_tx(tx, owners, kept, copy, copy_pk, mine, theirs)
            waiting.append(copy.name)
            continue
        if mine:
            put_tx(tx, copy_pk, mine, tx.now_s)
        if theirs:
            outside.queue_tx(tx, _parcel(tx, kept, copy_pk, copy.terms.owner, theirs))
    if (boxes or going) and field:
        message_pk = with_front_tx(tx, message_pk, field)
    if boxes:
        put_tx(tx, message_pk, boxes, tx.now_s)
    if going:
        sender = str(kept.facts.get(RETURN_PATH) or kept.sender)
        outside.queue_tx(tx, _parcel(tx, kept, message_pk, sender, going, whole=True))
    return tuple(waiting)


def _copy_tx(tx: Tx, message_pk: int, portion: Portion, field: bytes) -> int:
    """What members of a list get."""
    return with_header_tx(tx, message_pk, lambda header: field + marks.put_in(header, portion.fields))


def _parcel(
    tx: Tx, kept: KeptMessage, message_pk: int, sender: str, to: tuple[str, ...], *, whole: bool = False
) -> Parcel:
    """whole: the letter itself; what a sender wanted to be told ends at a list (RFC 3461 §5.2.7)."""
    asked = wishes.read(kept.wishes) if whole else NO_WISHES
    return Parcel(message_pk, sender, to, kept.queue_id, kept.message_id, info(tx.conn, message_pk).size, asked)


def _ask_owner_tx(
    tx: Tx,
    owners: Owners,
    kept: KeptMessage,
    copy: ListCopy,
    message_pk: int,
    mine: Sequence[Inbox],
    theirs: Sequence[str],
) -> None:
    """Have a list's copy wait for the list's owner, as the door would have done."""
    found = info(tx.conn, message_pk)
    verdict = circulation.moderation(copy, mailing_lists.moderator(tx.conn, copy.terms.list_id, office_day(tx.now)))
    envelope: dict[str, Any] = {
        **envelope_of(kept),
        "recipients": [copy.name],
        "mailboxes": [[box.owner_id, box.detail] for box in mine],
        "outside": list(theirs),
        "wishes": wishes.written(NO_WISHES, ()),
        "lists": [],
        "size": found.size,
    }
    kept_id = keeper.insert_tx(tx, copy.terms.agency_id, message_pk, envelope, keeper.described(verdict), [])
    owners.ask_tx(tx, kept_id, verdict, kept.sender, found.subject)


def envelope_of(kept: KeptMessage) -> dict[str, Any]:
    """As `keeper.insert_tx` takes it."""
    return {
        "stage": "submission" if kept.submitted else "data",
        "queue_id": kept.queue_id,
        "sender": kept.sender,
        "recipients": list(kept.recipients),
        "mailboxes": [list(box) for box in kept.mailboxes],
        "outside": list(kept.outside),
        "wishes": dict(kept.wishes),
        "lists": circulated.written(kept.lists),
        "actor_id": kept.actor_id,
        "message_id": kept.message_id,
        "size": kept.size,
    }


def keep_on_tx(tx: Tx, kept: KeptMessage, message_pk: int) -> int:
    """Let it wait for the next rule that would keep it; its new number."""
    first, *rest = kept.further
    return keeper.insert_tx(tx, kept.agency_id, message_pk, envelope_of(kept), dict(first), rest)
