"""What is over, and how long it is remembered."""

from __future__ import annotations

from datetime import datetime

from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Tx

# Messages deleted in one transaction: others write meanwhile.
BATCH = 1_000


def prune_tx(tx: Tx, before: datetime) -> int:
    """Forget messages that were over before that (aware), at most BATCH; how many."""
    query = "SELECT id FROM outbound_message WHERE finished_at < ? ORDER BY finished_at LIMIT ?"
    ids = [row[0] for row in raw.rows(tx.conn, query, (milliseconds(before), BATCH))]
    if not ids:
        return 0
    condition, numbers = raw.among(tx.conn, "outbound_id", ids)
    raw.run(tx.conn, f"DELETE FROM outbound_step WHERE {condition}", (numbers,))
    raw.run(tx.conn, f"DELETE FROM outbound_recipient WHERE {condition}", (numbers,))
    condition, numbers = raw.among(tx.conn, "id", ids)
    return raw.run(tx.conn, f"DELETE FROM outbound_message WHERE {condition}", (numbers,))
