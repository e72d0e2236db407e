"""What nobody decided on in time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from mailbox_policies.holding.deciding import expire_tx
from mailbox_policies.holding.notices import Office
from mailbox_policies.holding.records import AlreadyDecided, State
from mailbox_policies.schema import kept_message
from mailserver.actor import SYSTEM
from mailserver.store.database import Database


def due(conn: Connection, now: datetime, most: int) -> list[int]:
    """Those whose time is over, the oldest first."""
    query = (
        select(kept_message.c.id)
        .where(kept_message.c.state == State.WAITING.value, kept_message.c.expires_at <= now)
        .order_by(kept_message.c.expires_at)
        .limit(most)
    )
    return list(conn.execute(query).scalars())


def expire(db: Database, office: Office, now: datetime, most: int = 50) -> int:
    """End up to `most` of them, each in a transaction of its own; how many there were. now: aware."""
    found = db.read(lambda conn: due(conn, now, most))
    for kept_id in found:
        try:
            db.write(lambda tx, kept_id=kept_id: expire_tx(tx, office, kept_id), SYSTEM)  # type: ignore[misc]
        except AlreadyDecided:
            continue
    return len(found)
