"""What is decided about a kept message. Each function works in the caller's transaction; who may call it is
`access`'s business."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from mailbox_policies.holding import rows
from mailbox_policies.holding.going import deliver_tx, keep_on_tx
from mailbox_policies.holding.notices import Office, tell_tx
from mailbox_policies.holding.records import AlreadyDecided, KeptMessage, Kind, State
from mailbox_policies.schema import kept_message
from mailserver.store import audit, sealing
from mailserver.store.database import Tx
from mailserver.store.messages import unpin_tx


def release_tx(tx: Tx, office: Office, kept_id: int, reason: str = "") -> KeptMessage:
    """Let a message go to whom it was for, octet for octet as it came in; the rule that kept it is not asked again.

    If another rule would keep it too, or a list wants its owner asked, it waits for that now, under a new number, and
    the sender is not told yet. Raises NoSuchKept, AlreadyDecided, MoveRefused (a mailbox does not take it),
    FolderMissing (one is gone), ExternalRecipientRefused; then it waits on.
    """
    kept = settle_tx(tx, kept_id, State.RELEASED, reason)
    assert kept.message_pk is not None
    if kept.kind is Kind.QUARANTINED:
        sealing.open_tx(tx, office.blobs, kept.message_pk)
    if kept.further:
        office.goes_on(tx, keep_on_tx(tx, kept, kept.message_pk), kept.further[0])
    else:
        waiting = deliver_tx(tx, office.outside, office.owners, kept, kept.message_pk)
        if gone := tuple(one for one in kept.addressed if one not in waiting):
            tell_tx(tx, office, replace(kept, recipients=gone), State.RELEASED, reason)
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
