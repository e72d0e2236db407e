"""The end of the vault: what its owner could have taken back long enough, and nobody ordered to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from mailbox_policies.retention import holds
from mailbox_policies.retention.listing import PAGE
from mailserver.actor import SYSTEM
from mailserver.store import audit, vault
from mailserver.store.database import Database
from mailserver.store.tx import Tx
from mailserver.store.vault import Removed


def forget(db: Database, agency_id: int, days: int, now: datetime) -> int:
    """Let go of what was removed more than so many days ago; how many messages."""
    count, after, before = 0, 0, now - timedelta(days=days)
    while True:
        found = db.read(partial(vault.due, agency_id=agency_id, before=before, after=after, most=PAGE))
        if not found:
            return count
        after = found[-1].id
        count += db.write(partial(_forget_tx, agency_id=agency_id, found=found), SYSTEM)


def _forget_tx(tx: Tx, agency_id: int, found: Sequence[Removed]) -> int:
    held = holds.held_among(tx.conn, agency_id, [(one.owner_id, one.message_pk) for one in found])
    free = [one for one in found if (one.owner_id, one.message_pk) not in held]
    if free:
        vault.forget_tx(tx, [one.id for one in free])
        audit.record_tx(tx, "retention.forgotten", agency_id=agency_id, messages=[one.message_pk for one in free])
    return len(free)
