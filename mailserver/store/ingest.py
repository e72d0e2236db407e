"""Taking a message in: parsed once, cut into segments, large parts stored before the transaction.

`prepare` does the work that costs time and needs no transaction; `store_message_tx` writes one row of
`message`, however many folders it will be in.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from mailserver.mime import listed
from mailserver.mime.body import Readings, searchable_text
from mailserver.mime.scan import Address, Scanned, scan
from mailserver.store import files, raw
from mailserver.store.ancestry import ancestry
from mailserver.store.blobs import BlobStore
from mailserver.store.errors import StoreUnavailable
from mailserver.store.search import SearchIndex, words
from mailserver.store.segments import cut, is_document
from mailserver.store.tx import Tx
from mailserver.text import fold, storable

# A blob that the collector has doomed this recently may be deleted any moment; later it is surely gone.
DOOMED_FOR_MS = 60_000
# Octets that a database takes for one that lies in its rows: itself, its words in the index, both in the WAL too.
ROOM_IN_ROWS = 6
# Octets of the other pages that a delivery changes.
ROOM_BESIDE = 64 * 1024
PREVIEW_LENGTH = 200
# Octets of listed fields that are kept twice; more are those of one with hundreds of recipients.
LISTED_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the message. Either `data`, or a blob's digest, size and stored size."""

    size: int
    codec: str
    data: bytes | None
    digest: bytes | None = None
    blob_size: int = 0
    stored_size: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message ready to be written. Its blobs are durable already.

    columns: of its row in `message`; head, body: words for the index; complete: no attachment's
    text is missing in it; begun_ms: when `prepare` began; files: as `files.digests`.
    """

    scanned: Scanned
    columns: tuple[Any, ...]
    segments: tuple[Segment, ...]
    head: str
    body: str
    complete: bool
    begun_ms: int
    files: tuple[bytes, ...] = ()


def prepare(
    data: bytes, blobs: BlobStore, scanned: Scanned | None = None, readings: Readings | None = None
) -> Prepared:
    """Parse `data` and store its large parts. Call it in a thread for more than 64 KiB.

    scanned: of these very octets, where the caller needed it already (a policy, say). readings: of this message,
    whatever fields were put in front since.
    Raises StoreFull and StoreUnavailable, both temporary; what was stored by then the collector takes.
    """
    begun_ms = int(time.time() * 1000)
    blobs.require_room(len(data))
    scanned = scanned or scan(data)
    text = searchable_text(data, scanned, readings=readings)
    segments = []
    pieces = cut(data, scanned, readings)
    for piece in pieces:
        if piece.is_blob:
            digest, stored_size = blobs.put_sized(piece.content)
            segment = Segment(piece.size, piece.codec, None, digest, len(piece.content), stored_size)
        else:
            segment = Segment(piece.size, piece.codec, piece.content)
        segments.append(segment)
    in_rows = sum(segment.size for segment in segments if segment.data is not None)
    blobs.require_room(ROOM_IN_ROWS * in_rows + ROOM_BESIDE)
    columns = _columns(scanned, text.preview, data[: scanned.header_size])
    complete = not any(map(is_document, scanned.structure.walk()))
    found = files.digests(data, scanned, {piece.start for piece in pieces if piece.codec != "raw"})
    return Prepared(scanned, columns, tuple(segments), words(text.head), words(text.body), complete, begun_ms, found)


_INSERT_MESSAGE = (
    "INSERT INTO message (size, decoded_size, header_size, envelope, bodystructure, structure, sent_at, subject,"
    " subject_folded, base_subject, sender, recipient, from_folded, to_folded, cc_folded, bcc_folded, message_id,"
    " thread_id, ancestry, attachments, listed_fields, preview, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)
_INSERT_SEGMENT = (
    "INSERT INTO message_segment (message_pk, position, data, blob_digest, codec, size) VALUES (?, ?, ?, ?, ?, ?)"
)
_REFER_TO_BLOB = (
    "INSERT INTO blob (digest, size, stored_size, refs, created_at) VALUES (?, ?, ?, 1, ?)"
    " ON CONFLICT (digest) DO UPDATE SET orphaned_at = NULL,"
    " refs = CASE WHEN blob.refs < 0 THEN 1 ELSE blob.refs + 1 END"
    " WHERE blob.refs >= 0 OR blob.orphaned_at < ?"
)


def store_message_tx(tx: Tx, prepared: Prepared) -> int:
    """Write a prepared message and index its text; its message_pk. It is in no folder yet.

    Raises StoreUnavailable if a blob of it is just being collected: prepare again, later.
    """
    inserted = raw.row(tx.conn, _INSERT_MESSAGE, (*prepared.columns, tx.now_ms))
    assert inserted is not None
    message_pk = int(inserted[0])
    blobs = [(s.digest, s.blob_size, s.stored_size) for s in prepared.segments if s.digest is not None]
    for digest, size, stored_size in sorted(blobs):  # in one order everywhere: their rows are locked
        refer_to_blob_tx(tx, digest, size, stored_size, prepared.begun_ms)
    rows = [
        (message_pk, position, segment.data, segment.digest, segment.codec, segment.size)
        for position, segment in enumerate(prepared.segments)
    ]
    if rows:
        raw.run_many(tx.conn, _INSERT_SEGMENT, rows)
    files.add_tx(tx, message_pk, prepared.files)
    SearchIndex().index_tx(tx, message_pk, prepared.head, prepared.body, complete=prepared.complete)
    return message_pk


def renew_keys_tx(tx: Tx, message_pk: int, scanned: Scanned, header: bytes) -> None:
    """Fill in what SORT, THREAD and lists go by and messages of older versions lack."""
    raw.run(
        tx.conn,
        "UPDATE message SET recipient = ?, ancestry = ?, listed_fields = ? WHERE id = ?",
        (_shown(scanned.to), _ancestry(scanned), _listed(header), message_pk),
    )


def refer_to_blob_tx(tx: Tx, digest: bytes, size: int, stored_size: int, put_at_ms: int) -> None:
    """Count one reference more to a blob that was put at `put_at_ms` or later (see `collect`)."""
    params = (digest, size, stored_size, tx.now_ms, put_at_ms - DOOMED_FOR_MS)
    if raw.run(tx.conn, _REFER_TO_BLOB, params) != 1:
        raise StoreUnavailable("a part of the message is just being collected")


def _columns(s: Scanned, preview: str, header: bytes) -> tuple[Any, ...]:
    """The row of `message`, up to its time, in the order of _INSERT_MESSAGE."""
    subject = storable(s.subject)
    return (
        s.size,
        s.decoded_size,
        s.header_size,
        s.envelope,
        s.bodystructure,
        s.structure.encode(),
        s.date,
        subject,
        fold(subject),
        storable(s.base_subject),
        _shown(s.from_),
        _shown(s.to),
        *(_folded(addresses) for addresses in (s.from_, s.to, s.cc, s.bcc)),
        storable(s.message_id)[:255] if s.message_id else None,
        thread_id(s),
        _ancestry(s),
        min(s.attachments, 32_767),
        _listed(header),
        storable(preview)[:PREVIEW_LENGTH],
    )


def _shown(addresses: Sequence[Address]) -> str:
    return storable(addresses[0].display) if addresses else ""


def _listed(header: bytes) -> bytes | None:
    packed = listed.pack(header)
    return packed if len(packed) <= LISTED_LIMIT else None


def _ancestry(scanned: Scanned) -> bytes:
    return ancestry(scanned.message_id, scanned.references, scanned.in_reply_to)


def _folded(addresses: Sequence[Address]) -> str:
    return storable(fold(", ".join(f"{one.name} <{one.addr}>" for one in addresses)))


def thread_id(scanned: Scanned) -> int:
    """A 63-bit number that the messages of a thread share: from the message that all of them refer to."""
    ids = (*scanned.references[:1], *scanned.in_reply_to[:1], scanned.message_id or "")
    root = ids[0] or scanned.envelope.decode("latin-1")
    return int.from_bytes(blake2b(root.encode("utf-8", "replace"), digest_size=8).digest()) >> 1
