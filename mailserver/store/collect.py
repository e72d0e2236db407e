"""Deleting what nobody holds any more: messages, then blobs, a day after they became nobody's.

A blob goes in two steps, because a message with the same content may just be coming in. First its row is
doomed (refs -1, orphaned_at now), then the object is deleted, within GRACE_S. A delivery that found the
object before it was deleted sees the doomed row when it commits, and is refused with a temporary error
(`ingest.refer_to_blob_tx`). The row is taken up again by who put the content after the object had gone, and in any
case once ingest.DOOMED_FOR_MS have passed.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from mailserver.actor import SYSTEM
from mailserver.store import files, oldevents, raw
from mailserver.store.blobs import BlobStore
from mailserver.store.columns import milliseconds
from mailserver.store.database import Database
from mailserver.store.errors import StoreError
from mailserver.store.failures import constraint_violated
from mailserver.store.ingest import DOOMED_FOR_MS
from mailserver.store.messages import release_blob_tx
from mailserver.store.search import SearchIndex
from mailserver.store.tx import Tx

DAY = timedelta(hours=24)
# Temporary files of a writer that may still be at work are younger than this (RELIABILITY: Postfix's 36 h).
LEFTOVERS = timedelta(hours=36)
EVENTS_KEPT = timedelta(days=30)
# Deleting doomed objects must be over before a delivery may take the row up again.
GRACE_S = 20.0
# A clock may step back: who put the content sooner than this after the object had gone is refused too.
STEP_MS = 1000
_BATCH = 100


@dataclass(slots=True)
class Collected:
    """How many of each were deleted."""

    messages: int = 0
    blobs: int = 0
    strays: int = 0
    leftovers: int = 0
    events: int = 0


def collect_garbage(
    db: Database, blobs: BlobStore, older_than: timedelta = DAY, readers: Collection[str] | None = None
) -> Collected:
    """Delete what has been nobody's for `older_than`. readers: of the event log, see `oldevents.prune`.

    Raises StoreUnavailable; run it again later then.
    """
    now = datetime.now(UTC)
    cutoff_ms = milliseconds(now - older_than)
    done = Collected()
    done.messages = _collect_messages(db, cutoff_ms)
    done.blobs = _collect_blobs(db, blobs, cutoff_ms)
    done.strays = _collect_strays(db, blobs, cutoff_ms)
    db.write(lambda tx: _forget_doomed_tx(tx, cutoff_ms), SYSTEM)
    done.leftovers = blobs.remove_leftovers((now - max(older_than, LEFTOVERS)).timestamp())
    done.events = oldevents.prune(db, now - EVENTS_KEPT, readers)
    return done


def _collect_messages(db: Database, cutoff_ms: int) -> int:
    count, last = 0, 0
    # Each candidate is met once in a run: one that has to stay is a candidate again at once.
    query = "SELECT message_pk FROM orphan_candidate WHERE since < ? AND message_pk > ? ORDER BY message_pk LIMIT ?"
    while True:
        candidates = [row[0] for row in db.read(partial(raw.rows, sql=query, params=(cutoff_ms, last, _BATCH)))]
        if not candidates:
            return count
        last = candidates[-1]
        try:
            count += db.write(partial(_delete_unheld_tx, candidates=candidates), SYSTEM)
        except Exception as error:
            if not constraint_violated(error):
                raise
            # one of them is referred to by a table of another room
            count += sum(_collect_one(db, message_pk) for message_pk in candidates)


def _collect_one(db: Database, message_pk: int) -> int:
    try:
        return db.write(lambda tx: _delete_unheld_tx(tx, [message_pk]), SYSTEM)
    except Exception as error:
        if not constraint_violated(error):
            raise
        db.write(lambda tx: _look_again_later_tx(tx, message_pk), SYSTEM)
        return 0


def _look_again_later_tx(tx: Tx, message_pk: int) -> None:
    raw.run(tx.conn, "UPDATE orphan_candidate SET since = ? WHERE message_pk = ?", (tx.now_ms, message_pk))


def _delete_unheld_tx(tx: Tx, candidates: Sequence[int]) -> int:
    """Delete those that are in no folder, not in the vault and not pinned; none of them is a candidate afterwards."""
    condition, numbers = raw.among(tx.conn, "id", candidates)
    lock = "" if raw.is_sqlite(tx.conn) else " FOR UPDATE"
    # Locked first: an entry that comes in meanwhile waits for this transaction (foreign key).
    raw.rows(tx.conn, f"SELECT id FROM message WHERE {condition} ORDER BY id{lock}", (numbers,))
    unheld = raw.rows(
        tx.conn,
        f"SELECT id FROM message m WHERE {condition} AND pins = 0"
        " AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.message_pk = m.id)"
        " AND NOT EXISTS (SELECT 1 FROM removed_entry r WHERE r.message_pk = m.id)",
        (numbers,),
    )
    condition, numbers = raw.among(tx.conn, "message_pk", candidates)
    raw.run(tx.conn, f"DELETE FROM orphan_candidate WHERE {condition}", (numbers,))
    for (message_pk,) in unheld:
        _delete_message_tx(tx, message_pk)
    return len(unheld)


def destroy_message_tx(tx: Tx, message_pk: int) -> list[bytes] | None:
    """Delete a message that must not stay a day longer, its text with it; the digests of its blobs, for
    `delete_blobs` after the commit. None, and nothing has changed, if a folder, the vault or a pin holds it."""
    query = "SELECT blob_digest FROM message_segment WHERE message_pk = ? AND blob_digest IS NOT NULL"
    digests = [row[0] for row in raw.rows(tx.conn, query, (message_pk,))]
    return digests if _delete_unheld_tx(tx, [message_pk]) else None


def delete_blobs(db: Database, blobs: BlobStore, digests: Sequence[bytes]) -> int:
    """Delete those of these blobs that are nobody's, at once; how many. What cannot be deleted now the
    collector takes a day later."""
    doomed = db.write(lambda tx: [one for one in digests if _doom_one_tx(tx, one)], SYSTEM) if digests else []
    return _delete_objects(db, blobs, doomed)


def _doom_one_tx(tx: Tx, digest: bytes) -> bool:
    query = "UPDATE blob SET refs = -1, orphaned_at = ? WHERE digest = ? AND refs = 0"
    return raw.run(tx.conn, query, (tx.now_ms, digest)) == 1


def _delete_message_tx(tx: Tx, message_pk: int) -> None:
    SearchIndex().remove_tx(tx, message_pk)
    query = "SELECT blob_digest FROM message_segment WHERE message_pk = ? AND blob_digest IS NOT NULL"
    digests = raw.rows(tx.conn, query, (message_pk,))
    raw.run(tx.conn, "DELETE FROM message_segment WHERE message_pk = ?", (message_pk,))
    for (digest,) in digests:
        release_blob_tx(tx, digest)
    files.remove_tx(tx, message_pk)
    raw.run(tx.conn, "DELETE FROM message WHERE id = ?", (message_pk,))


def _collect_blobs(db: Database, blobs: BlobStore, cutoff_ms: int) -> int:
    count = 0
    while True:
        doomed = db.write(lambda tx: _doom_tx(tx, cutoff_ms), SYSTEM)
        count += _delete_objects(db, blobs, doomed)
        if len(doomed) < _BATCH:
            return count


def _doom_tx(tx: Tx, cutoff_ms: int) -> list[bytes]:
    """Doom blobs long without a reference. The second condition would be a fault of ours: then it stays."""
    found = raw.rows(
        tx.conn,
        "UPDATE blob SET refs = -1, orphaned_at = ? WHERE digest IN"
        " (SELECT digest FROM blob WHERE refs = 0 AND orphaned_at < ? LIMIT ?)"
        " AND refs = 0 AND NOT EXISTS (SELECT 1 FROM message_segment s WHERE s.blob_digest = blob.digest)"
        " RETURNING digest",
        (tx.now_ms, cutoff_ms, _BATCH),
    )
    return [row[0] for row in found]


def _collect_strays(db: Database, blobs: BlobStore, cutoff_ms: int) -> int:
    """Objects that no row names: their delivery broke off between the blob and the commit."""
    count = 0
    batch: list[bytes] = []
    for digest, changed in blobs.digests():
        if changed * 1000 < cutoff_ms:
            batch.append(digest)
        if len(batch) == _BATCH:
            count += _delete_strays(db, blobs, batch)
            batch = []
    return count + _delete_strays(db, blobs, batch)


def _delete_strays(db: Database, blobs: BlobStore, digests: Sequence[bytes]) -> int:
    known = "SELECT digest FROM blob WHERE digest = ?"
    strange = db.read(lambda conn: [one for one in digests if raw.row(conn, known, (one,)) is None])
    if not strange:
        return 0
    return _delete_objects(db, blobs, db.write(lambda tx: _doom_strays_tx(tx, strange), SYSTEM))


def _doom_strays_tx(tx: Tx, digests: Sequence[bytes]) -> list[bytes]:
    insert = (
        "INSERT INTO blob (digest, size, stored_size, refs, created_at, orphaned_at)"
        " VALUES (?, 0, 0, -1, ?, ?) ON CONFLICT DO NOTHING RETURNING digest"
    )
    made = [raw.row(tx.conn, insert, (digest, tx.now_ms, tx.now_ms)) for digest in digests]
    return [row[0] for row in made if row is not None]


def _delete_objects(db: Database, blobs: BlobStore, doomed: Sequence[bytes]) -> int:
    """Delete the objects of rows just doomed. What is not done in time is found as a stray another day."""
    until = time.monotonic() + GRACE_S
    gone = []
    for digest in doomed:
        if time.monotonic() > until:
            break
        try:
            blobs.delete(digest)
        except StoreError:
            continue
        gone.append(digest)
    if gone:
        db.write(lambda tx: _note_gone_tx(tx, gone), SYSTEM)
    return len(gone)


def _note_gone_tx(tx: Tx, digests: Sequence[bytes]) -> None:
    """Let who puts one of these from now on take its row up."""
    at = tx.now_ms + STEP_MS - DOOMED_FOR_MS
    rows = [(at, digest) for digest in digests]
    raw.run_many(tx.conn, "UPDATE blob SET orphaned_at = ? WHERE digest = ? AND refs = -1", rows)


def _forget_doomed_tx(tx: Tx, cutoff_ms: int) -> None:
    before = min(cutoff_ms, tx.now_ms - round(DAY.total_seconds() * 1000))
    raw.run(tx.conn, "DELETE FROM blob WHERE refs = -1 AND orphaned_at < ?", (before,))
