"""Telling the doors what time alone has changed: grants that begin or end, posts that change hands.

Rights are always computed for the moment, so nothing has to be done for them; but a session that
has a mailbox open learns only from an event that it must let go of it.
"""

from __future__ import annotations

from datetime import date, datetime

from mailserver.directory.records import office_day
from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Tx

_GRANTS = """
    SELECT owner_id, grantee_id FROM mailbox_grant WHERE revoked_at IS NULL
    AND ((starts_at > ? AND starts_at <= ?) OR (ends_at > ? AND ends_at <= ?))"""
_TENURES = """
    SELECT post_id, person_id FROM tenure
    WHERE (starts_on > ? AND starts_on <= ?) OR (ends_on >= ? AND ends_on < ?)"""


def announce_due_tx(tx: Tx, since: datetime) -> int:
    """Emit "grant.changed" for what began or ended after `since` until now; returns how many.

    For a worker to call every minute or so, with the time of its last call.
    """
    after, until = milliseconds(since), tx.now_ms
    changed = raw.rows(tx.conn, _GRANTS, (after, until, after, until))
    yesterday, today = office_day(since), office_day(tx.now)
    if yesterday < today:
        changed += _turned_over(tx, yesterday, today)
    for owner_id, grantee_id in changed:
        tx.emit("grant.changed", owner_id=owner_id, grantee_id=grantee_id)
    return len(changed)


def _turned_over(tx: Tx, last: date, today: date) -> list[tuple[int, int]]:
    """(post, person) of the tenures that began after the day `last`, or whose last day is over since."""
    days = (last.isoformat(), today.isoformat())
    return raw.rows(tx.conn, _TENURES, (*days, *days))
