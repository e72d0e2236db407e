"""Destroying a kept message: a record stays that it was there, and nothing of what it said.

The database marks the room of deleted rows as free and writes over it by and by, as it does everywhere.
"""

from __future__ import annotations

from mailbox_policies.holding.deciding import settle_tx
from mailbox_policies.holding.notices import Office, tell_tx
from mailbox_policies.holding.records import KeptMessage, State, StillElsewhere
from mailserver.actor import Actor
from mailserver.store.collect import delete_blobs, destroy_message_tx
from mailserver.store.database import Database, Tx
from mailserver.store.messages import unpin_tx


def destroy(db: Database, office: Office, kept_id: int, actor: Actor, reason: str = "") -> KeptMessage:
    """Delete message, text index and blobs at once. A sender of ours is told.

    Raises NoSuchKept, AlreadyDecided, StillElsewhere; then nothing has changed. A blob that another message
    has too stays, for it is that message's.
    """
    kept, digests = db.write(lambda tx: destroy_tx(tx, office, kept_id, reason), actor)
    delete_blobs(db, office.blobs, digests)
    return kept


def destroy_tx(tx: Tx, office: Office, kept_id: int, reason: str) -> tuple[KeptMessage, list[bytes]]:
    """As `destroy`, but for the blobs: their digests, for `delete_blobs` after the commit; else the collector
    deletes them a day later."""
    kept = settle_tx(tx, kept_id, State.DESTROYED, reason)
    assert kept.message_pk is not None
    tell_tx(tx, office, kept, State.DESTROYED, reason)
    unpin_tx(tx, kept.message_pk)
    digests = destroy_message_tx(tx, kept.message_pk)
    if digests is None:
        raise StillElsewhere(kept_id)
    return kept, digests
