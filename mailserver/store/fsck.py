"""Checking the store's invariants (see `schema`) against what is really there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.store import audit, auditguard, raw
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Database
from mailserver.store.errors import StoreUnavailable
from mailserver.store.tx import Tx

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be. kind: a short name to group by; detail: which, and how."""

    kind: str
    detail: str


# Each query gives a row of facts for every fault.
_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "folder-counts",
        "folder {} says messages/unseen/deleted/size {}/{}/{}/{}, it has {}/{}/{}/{}",
        "SELECT f.id, f.messages, f.unseen, f.deleted, f.size, coalesce(e.n, 0), coalesce(e.unseen, 0),"
        " coalesce(e.deleted, 0), coalesce(e.size, 0) FROM folder f LEFT JOIN (SELECT folder_id,"
        " count(*) AS n, sum(CASE WHEN flags & 1 = 0 THEN 1 ELSE 0 END) AS unseen,"
        " sum(CASE WHEN flags & 8 <> 0 THEN 1 ELSE 0 END) AS deleted, sum(size) AS size"
        " FROM entry GROUP BY folder_id) e ON e.folder_id = f.id"
        " WHERE f.messages <> coalesce(e.n, 0) OR f.unseen <> coalesce(e.unseen, 0)"
        " OR f.deleted <> coalesce(e.deleted, 0) OR f.size <> coalesce(e.size, 0)",
    ),
    (
        "folder-numbers",
        "folder {}: uidnext {} or highestmodseq {} is behind its entries or what it has forgotten, or uidvalidity is 0",
        "SELECT f.id, f.uidnext, f.highestmodseq FROM folder f WHERE f.uidvalidity = 0"
        " OR f.forgotten_modseq > f.highestmodseq"
        " OR EXISTS (SELECT 1 FROM entry e WHERE e.folder_id = f.id"
        " AND (e.uid >= f.uidnext OR e.modseq > f.highestmodseq))"
        " OR EXISTS (SELECT 1 FROM tombstone t WHERE t.folder_id = f.id AND t.modseq > f.highestmodseq)",
    ),
    (
        "entry-dangling",
        "folder {} uid {}: message {} is missing",
        "SELECT e.folder_id, e.uid, e.message_pk FROM entry e LEFT JOIN message m ON m.id = e.message_pk"
        " WHERE m.id IS NULL",
    ),
    (
        "entry-size",
        "folder {} uid {}: size {} is not the message's {}",
        "SELECT e.folder_id, e.uid, e.size, m.size FROM entry e JOIN message m ON m.id = e.message_pk"
        " WHERE e.size <> m.size",
    ),
    (
        "entry-risen",
        "folder {} uid {} is there and has a tombstone",
        "SELECT e.folder_id, e.uid FROM entry e JOIN tombstone t ON t.folder_id = e.folder_id AND t.uid = e.uid",
    ),
    (
        "personal-flags",
        "folder {} uid {}: flags of reader {} on no entry, or where flags are shared",
        "SELECT p.folder_id, p.uid, p.reader_id FROM personal_flag p JOIN folder f ON f.id = p.folder_id"
        " LEFT JOIN entry e ON e.folder_id = p.folder_id AND e.uid = p.uid"
        " WHERE e.uid IS NULL OR f.personal = 0 OR p.modseq > f.highestmodseq",
    ),
    (
        "message-segments",
        "message {}: {} octets, its segments have {}",
        "SELECT m.id, m.size, coalesce(s.size, 0) FROM message m LEFT JOIN (SELECT message_pk,"
        " sum(size) AS size FROM message_segment GROUP BY message_pk) s ON s.message_pk = m.id"
        " WHERE m.size <> coalesce(s.size, 0)",
    ),
    (
        "segment-content",
        "message {} segment {}: its data is not what it says",
        "SELECT message_pk, position FROM message_segment WHERE (data IS NULL) = (blob_digest IS NULL)"
        " OR length(data) <> size",
    ),
    (
        "segment-dangling",
        "message {} segment {}: its blob is not in the table",
        "SELECT s.message_pk, s.position FROM message_segment s LEFT JOIN blob b ON b.digest = s.blob_digest"
        " WHERE s.blob_digest IS NOT NULL AND b.digest IS NULL",
    ),
    (
        "message-unheld",
        "message {} is in no folder, not in the vault, not pinned, and unknown to the collector",
        "SELECT m.id FROM message m WHERE m.pins = 0"
        " AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.message_pk = m.id)"
        " AND NOT EXISTS (SELECT 1 FROM removed_entry r WHERE r.message_pk = m.id)"
        " AND NOT EXISTS (SELECT 1 FROM orphan_candidate o WHERE o.message_pk = m.id)",
    ),
    (
        "vault",
        "removed mail {} of mailbox {}: message {} is missing, or is not as large as it says",
        "SELECT r.id, r.owner_id, r.message_pk FROM removed_entry r LEFT JOIN message m ON m.id = r.message_pk"
        " WHERE m.id IS NULL OR m.size <> r.size",
    ),
    (
        "message-text",
        "message {} cannot be found by its text",
        "SELECT m.id FROM message m LEFT JOIN message_text t ON t.message_pk = m.id WHERE t.message_pk IS NULL",
    ),
)
_BLOB_REFS = (
    "SELECT b.digest, b.refs, count(s.message_pk) FROM blob b"
    " LEFT JOIN message_segment s ON s.blob_digest = b.digest GROUP BY b.digest, b.refs"
    " HAVING count(s.message_pk) > b.refs AND (b.refs >= 0 OR count(s.message_pk) > 0)"
)


def check(db: Database, blobs: BlobStore, progress: Progress = lambda _step: None) -> list[Finding]:
    """Everything found wrong; reads every blob. The server may run meanwhile.

    progress: called with the name of each step. Raises StoreUnavailable if the database is away.
    """
    findings = db.read(lambda conn: [*_tables(conn, progress), *_engine(conn, progress)])
    progress("full-text")
    findings.extend(db.write(_full_text_tx, SYSTEM))
    progress("blobs")
    findings.extend(_blobs(db, blobs))
    return findings


def _tables(conn: Connection, progress: Progress) -> Iterator[Finding]:
    for kind, sentence, query in _CHECKS:
        progress(kind)
        for facts in raw.rows(conn, query):
            yield Finding(kind, sentence.format(*facts))
    progress("blob-refs")
    for digest, refs, used in raw.rows(conn, _BLOB_REFS):
        yield Finding("blob-refs", f"blob {digest.hex()}: {refs} references counted, {used} segments use it")
    progress("audit")
    broken = audit.verify(conn)
    if broken is not None:
        yield Finding("audit", f"the chain of records breaks at {broken}")
    if not auditguard.stands(conn):
        yield Finding("audit-guard", "the triggers that keep records from being changed are missing")


def _engine(conn: Connection, progress: Progress) -> Iterator[Finding]:
    if not raw.is_sqlite(conn):
        return
    progress("database file")
    for (said,) in raw.rows(conn, "PRAGMA integrity_check"):
        if said != "ok":
            yield Finding("database-file", said)
    for facts in raw.rows(conn, "PRAGMA foreign_key_check"):
        yield Finding("foreign-key", f"table {facts[0]} row {facts[1]} refers to a missing row of {facts[2]}")


def _full_text_tx(tx: Tx) -> list[Finding]:
    """FTS5 compares its index with the texts; on PostgreSQL the column is computed by the server."""
    if raw.is_sqlite(tx.conn):
        try:
            raw.run(tx.conn, "INSERT INTO message_fts (message_fts, rank) VALUES ('integrity-check', 1)")
        except Exception as error:
            return [Finding("full-text", f"the index does not match the texts: {error}")]
    return []


def _blobs(db: Database, blobs: BlobStore) -> Iterator[Finding]:
    digests = db.read(lambda conn: raw.rows(conn, "SELECT digest FROM blob WHERE refs > 0 ORDER BY digest"))
    for (digest,) in digests:
        try:
            blobs.get_uncached(digest)
        except StoreUnavailable as error:
            if db.read(partial(_is_held, digest=digest)):  # not collected since it was listed
                yield Finding("blob", str(error))


def _is_held(conn: Connection, digest: bytes) -> bool:
    return raw.row(conn, "SELECT 1 FROM blob WHERE digest = ? AND refs > 0", (digest,)) is not None
