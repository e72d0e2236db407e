"""What is decided about a kept message. Each function works in the caller's transaction; who may call it is
`access`'s business."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from mailbox_policies.holding import keeper, rows, wishes
from mailbox_policies.holding.notices import Office, tell_tx
from mailbox_policies.holding.records import AlreadyDecided, KeptMessage, Kind, State
from mailbox_policies.schema import kept_message
from mailserver.delivery.circulation import RETURN_PATH
from mailserver.delivery.mailboxes import Inboxes, put_tx
from mailserver.delivery.outside import Outside, Parcel
from mailserver.directory.resolve import Mailbox
from mailserver.store import audit, sealing
from mailserver.store.database import Tx
from mailserver.store.messages import unpin_tx


def release_tx(tx: Tx, office: Office, kept_id: int, reason: str = "") -> KeptMessage:
    """Let a message go to whom it was for, octet for octet as it came in; the rule that kept it is not asked again.

    If another rule would keep it too, it waits for that one now, under a new number, and the sender is not told
    yet. Raises NoSuchKept, AlreadyDecided, MoveRefused (a mailbox does not take it), FolderMissing (one is gone),
    ExternalRecipientRefused; then it waits on.
    """
    kept = settle_tx(tx, kept_id, State.RELEASED, reason)
    assert kept.message_pk is not None
    if kept.kind is Kind.QUARANTINED:
        sealing.open_tx(tx, office.blobs, kept.message_pk)
    if kept.further:
        office.goes_on(tx, keep_on_tx(tx, kept, kept.message_pk), kept.further[0])
    else:
        deliver_tx(tx, office.outside, kept, kept.message_pk)
        tell_tx(tx, office, kept, State.RELEASED, reason)
    unpin_tx(tx, kept.message_pk)
    return kept


def refuse_tx(tx: Tx, office: Office, kept_id: int, reason: str = "") -> KeptMessage:
    """Say no; a sender of ours is told. Raises NoSuchKept, AlreadyDecided."""
    return _end_tx(tx, office, kept_id, State.REFUSED, reason)


def expire_tx(tx: Tx, office: Office, kept_id: int) -> KeptMessage:
    """Nobody decided in time; a sender of ours is told. Raises NoSuchKept, AlreadyDecided."""
    return _end_tx(tx, office, kept_id, State.EXPIRED, "")


def withdraw_tx(tx: Tx, kept_id: int) -> KeptMessage:
    """The sender takes the message back. Raises NoSuchKept, AlreadyDecided."""
    kept = settle_tx(tx, kept_id, State.WITHDRAWN, "")
    assert kept.message_pk is not None
    unpin_tx(tx, kept.message_pk)
    return kept


def extend_tx(tx: Tx, kept_id: int, until: datetime) -> KeptMessage:
    """Let a message wait longer. until: aware. Raises NoSuchKept, AlreadyDecided."""
    kept = rows.get(tx.conn, kept_id, lock=True)
    if not kept.waits:
        raise AlreadyDecided(kept_id)
    tx.conn.execute(update(kept_message).where(kept_message.c.id == kept_id).values(expires_at=until))
    audit.record_tx(tx, "kept.extended", owner_id=kept.actor_id, kept_id=kept_id, until=until.isoformat())
    return kept


def _end_tx(tx: Tx, office: Office, kept_id: int, state: State, reason: str) -> KeptMessage:
    kept = settle_tx(tx, kept_id, state, reason)
    assert kept.message_pk is not None
    tell_tx(tx, office, kept, state, reason)
    unpin_tx(tx, kept.message_pk)
    return kept


def settle_tx(tx: Tx, kept_id: int, state: State, reason: str) -> KeptMessage:
    """The row as it was; from now on it is decided. Raises NoSuchKept, AlreadyDecided."""
    kept = rows.get(tx.conn, kept_id, lock=True)
    if not kept.waits:
        raise AlreadyDecided(kept_id)
    tx.conn.execute(
        update(kept_message)
        .where(kept_message.c.id == kept_id)
        .values(state=state.value, message_pk=None, decided_at=tx.now, decided_by=tx.actor.principal_id, reason=reason)
    )
    facts: dict[str, Any] = {"kept_id": kept_id, "rule": kept.rule}
    audit.record_tx(
        tx, f"kept.{state.value}", owner_id=kept.actor_id, recipients=list(kept.recipients), reason=reason, **facts
    )
    tx.emit(f"policy.{state.value}", owner_id=kept.actor_id, agency_id=kept.agency_id, **facts)
    return kept


def deliver_tx(tx: Tx, outside: Outside, kept: KeptMessage, message_pk: int) -> None:
    """Give a stored message to those it was kept from. Raises as `release_tx`."""
    boxes = Inboxes().find(tx.conn, [Mailbox(owner, detail) for owner, detail in kept.mailboxes])
    if boxes:
        put_tx(tx, message_pk, boxes, tx.now_s)
    if kept.outside:
        outside.check(kept.outside)
        asked = wishes.read(kept.wishes)
        sender = str(kept.facts.get(RETURN_PATH) or kept.sender)  # of what goes by a list, its owner
        outside.queue_tx(tx, Parcel(message_pk, sender, kept.outside, kept.queue_id, kept.message_id, kept.size, asked))


def keep_on_tx(tx: Tx, kept: KeptMessage, message_pk: int) -> int:
    """Let it wait for the next rule that would keep it; its new number."""
    envelope = {
        "stage": "submission" if kept.submitted else "data",
        "queue_id": kept.queue_id,
        "sender": kept.sender,
        "recipients": list(kept.recipients),
        "mailboxes": [list(box) for box in kept.mailboxes],
        "outside": list(kept.outside),
        "wishes": dict(kept.wishes),
        "actor_id": kept.actor_id,
        "message_id": kept.message_id,
        "size": kept.size,
    }
    first, *rest = kept.further
    return keeper.insert_tx(tx, kept.agency_id, message_pk, envelope, dict(first), rest)
