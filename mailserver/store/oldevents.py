"""Clearing the event log of what is old: from its beginning, a few rows at a time.

Ids follow time, so the log is read from its lowest id only as far as it is old; an index on the time would cost
something at every commit.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Database
from mailserver.store.tx import Tx

log = structlog.get_logger()
# Events deleted in one transaction: it holds up writers for some milliseconds.
_BATCH = 1_000


def prune(db: Database, before: datetime, readers: Collection[str] | None = None) -> int:
    """Delete events from before this that every named reader has passed; how many.

    readers: all there are now, None if the caller does not know. The place of any other that has left events from
    before `before` unread is forgotten: its reader is gone, and would keep the log for ever. Any other that keeps up
    may belong to a node of another version.

    The newest event stays, so that ids go on from it. Stops at the first _BATCH of events of which none is old: one
    that a clock gone wrong has dated wrongly does not keep those behind it. Raises StoreUnavailable; run it again later
    then.
    """
    if readers is not None:
        _forget_readers(db, readers, before)
    last = db.read(_last)
    count, at = 0, 0
    while upto := db.read(partial(_step, at=at, last=last)):
        deleted = db.write(partial(_delete_tx, at=at, upto=upto, before_ms=milliseconds(before)), SYSTEM)
        if not deleted:
            break
        count, at = count + deleted, upto
    return count


def _forget_readers(db: Database, readers: Collection[str], before: datetime) -> None:
    for name, event_id in db.read(lambda conn: raw.rows(conn, "SELECT reader, event_id FROM event_cursor")):
        if name not in readers and db.read(partial(_is_behind, event_id=event_id, before_ms=milliseconds(before))):
            db.write(partial(_forget_tx, name=name, event_id=event_id), SYSTEM)
            log.warning("the place of a reader of the event log that is gone was forgotten", reader=name)


def _is_behind(conn: Connection, event_id: int, before_ms: int) -> bool:
    """Whether the event behind this one is old."""
    following = raw.row(conn, "SELECT at FROM event WHERE id > ? ORDER BY id LIMIT 1", (event_id,))
    return following is not None and following[0] < before_ms


def _forget_tx(tx: Tx, name: str, event_id: int) -> None:
    raw.run(tx.conn, "DELETE FROM event_cursor WHERE reader = ? AND event_id = ?", (name, event_id))


def _last(conn: Connection) -> int:
    """The greatest id that may be deleted."""
    slowest = raw.row(conn, "SELECT min(event_id) FROM event_cursor")
    newest = raw.row(conn, "SELECT coalesce(max(id), 0) FROM event")
    assert newest is not None
    last: int = newest[0] - 1
    return last if slowest is None or slowest[0] is None else min(slowest[0], last)


def _step(conn: Connection, at: int, last: int) -> int:
    """The id up to which the next _BATCH of events behind `at` go, 0 behind the last."""
    query = "SELECT max(id) FROM (SELECT id FROM event WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS step"
    found = raw.row(conn, query, (at, last, _BATCH))
    return 0 if found is None or found[0] is None else int(found[0])


def _delete_tx(tx: Tx, at: int, upto: int, before_ms: int) -> int:
    return raw.run(tx.conn, "DELETE FROM event WHERE id > ? AND id <= ? AND at < ?", (at, upto, before_ms))
