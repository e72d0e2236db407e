"""What a folder remembers of entries that went away, and for how long (RFC 7162 §5.3).

A tombstone says under which modseq a uid went. Those that are old, or too many, are forgotten: first the folder
notes the greatest modseq of them (`folder.forgotten_modseq`), then they are deleted a few at a time. From then on who
asks what has gone since an earlier modseq is told of every uid that is not there, which is right and not much longer:
ranges between the messages that are. A process killed between the two leaves tombstones that nobody reads any
more; the next run deletes them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.store import raw, spans
from mailserver.store.columns import milliseconds
from mailserver.store.database import Database
from mailserver.store.folders import Folder
from mailserver.store.spans import Spans
from mailserver.store.tx import Tx

# A client that was away for half a year rather looks at the whole folder again.
KEPT_FOR = timedelta(days=180)
# Of one folder: an inbox through which thousands go every day would have a million in half a year.
MOST = 20_000
# Tombstones deleted in one transaction: it holds up writers for some milliseconds.
_BATCH = 1_000
# Tombstones after which the worker looks at its other jobs.
TURN = 50_000


def vanished_since(conn: Connection, folder: Folder, modseq: int) -> Spans:
    """Uids that have gone after `modseq`; where that is forgotten, all that are not there (RFC 7162 §3.2.6).

    folder: as read in the same transaction.
    """
    if modseq < folder.forgotten_modseq:
        there = raw.rows(conn, "SELECT uid FROM entry WHERE folder_id = ? ORDER BY uid", (folder.id,))
        return spans.gaps((uid for (uid,) in there), folder.uidnext)
    if modseq >= folder.highestmodseq:
        return []
    query = "SELECT uid FROM tombstone WHERE folder_id = ? AND modseq > ? ORDER BY uid"
    return spans.joined(uid for (uid,) in raw.rows(conn, query, (folder.id, modseq)))


def prune(db: Database, now: datetime, most: int = MOST, turn: int = TURN) -> int:
    """Forget what is older than KEPT_FOR, and all but the newest `most` of each folder; how many were deleted.

    Stops once that is `turn` or more: there may be others then. Raises StoreUnavailable; run it again later then.
    """
    cutoff_ms = milliseconds(now - KEPT_FOR)
    count = 0
    for folder_id in db.read(partial(_due, cutoff_ms=cutoff_ms, most=most)):
        upto = db.read(partial(_boundary, folder_id=folder_id, cutoff_ms=cutoff_ms, most=most))
        if upto:
            db.write(partial(_forget_tx, folder_id=folder_id, upto=upto), SYSTEM)
        while count < turn:
            deleted = db.write(partial(_drop_tx, folder_id=folder_id), SYSTEM)
            count += deleted
            if deleted < _BATCH:
                break
        if count >= turn:
            break
    return count


def _due(conn: Connection, cutoff_ms: int, most: int) -> list[int]:
    """Folders of which something is to be forgotten, or has not been deleted yet.

    The oldest tombstone is one step in the index; only where so many uids are missing that there may be more than
    `most` they are counted.
    """
    query = (
        "SELECT f.id FROM folder f WHERE"
        " (SELECT t.at FROM tombstone t WHERE t.folder_id = f.id ORDER BY t.modseq LIMIT 1) < ?"
        " OR (SELECT min(t.modseq) FROM tombstone t WHERE t.folder_id = f.id) <= f.forgotten_modseq"
        " OR (f.uidnext - 1 - f.messages > ? AND (SELECT t.modseq FROM tombstone t WHERE t.folder_id = f.id"
        " ORDER BY t.modseq DESC LIMIT 1 OFFSET ?) IS NOT NULL)"
        " ORDER BY f.id"
    )
    return [folder_id for (folder_id,) in raw.rows(conn, query, (cutoff_ms, most, most))]


def _boundary(conn: Connection, folder_id: int, cutoff_ms: int, most: int) -> int:
    """The modseq up to which tombstones are too old or too many, 0 for none."""
    query = (
        "SELECT max(modseq) FROM (SELECT max(modseq) AS modseq FROM tombstone WHERE folder_id = ? AND at < ?"
        " UNION ALL SELECT modseq FROM (SELECT modseq FROM tombstone WHERE folder_id = ?"
        " ORDER BY modseq DESC LIMIT 1 OFFSET ?) AS surplus) AS both_"
    )
    found = raw.row(conn, query, (folder_id, cutoff_ms, folder_id, most))
    return 0 if found is None or found[0] is None else int(found[0])


def _forget_tx(tx: Tx, folder_id: int, upto: int) -> None:
    query = "UPDATE folder SET forgotten_modseq = ? WHERE id = ? AND forgotten_modseq < ?"
    raw.run(tx.conn, query, (upto, folder_id, upto))


def _drop_tx(tx: Tx, folder_id: int) -> int:
    """Delete some of what the folder has forgotten; less than _BATCH: all of it."""
    query = (
        "DELETE FROM tombstone WHERE folder_id = ? AND uid IN (SELECT t.uid FROM tombstone t"
        " JOIN folder f ON f.id = t.folder_id WHERE t.folder_id = ? AND t.modseq <= f.forgotten_modseq"
        " ORDER BY t.modseq LIMIT ?)"
    )
    return raw.run(tx.conn, query, (folder_id, folder_id, _BATCH))
