"""Delegations whose time is over, for the worker to end: the rights have ended by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from mailserver.directory.schema import mailbox_grant
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.delegation import giving, mandates
from routing.delegation.mandates import Standing
from routing.schema import delegation


def end_due_tx(tx: Tx, blobs: BlobStore) -> int:
    """End those whose last day is over, or whose grant was revoked elsewhere; how many."""
    due = _due(tx.conn, tx.now)
    for mandate_id in due:
        giving.end_tx(tx, blobs, mandates.get(tx.conn, mandate_id))
    return len(due)


def any_due(conn: Connection, now: datetime) -> bool:
    return bool(_due(conn, now))


def _due(conn: Connection, now: datetime) -> list[int]:
    over = or_(mailbox_grant.c.revoked_at.is_not(None), mailbox_grant.c.ends_at <= now)
    query = (
        select(delegation.c.id)
        .join(mailbox_grant, mailbox_grant.c.id == delegation.c.grant_id)
        .where(and_(delegation.c.state == Standing.GRANTED.value, over))
        .order_by(delegation.c.id)
    )
    return list(conn.execute(query).scalars())
