"""A stored message once more with fields in front of it: for what is let go after it was kept.

Nothing is read but the beginning and nothing is hashed or packed: the large parts are those of the first message.
So it may be done inside a transaction, however large the message is.
"""

from __future__ import annotations

from collections.abc import Callable

from mailserver.mime.scan import scan
from mailserver.mime.structure import Structure
from mailserver.store import raw
from mailserver.store.errors import StoreUnavailable
from mailserver.store.files import copy_tx
from mailserver.store.ingest import refer_to_blob_tx, renew_keys_tx
from mailserver.store.search import SearchIndex
from mailserver.store.tx import Tx

# What does not change by fields in front, but for what `scan` and lists read of those fields.
_SAME = (
    "envelope, bodystructure, sent_at, subject, subject_folded, base_subject, sender, recipient, from_folded,"
    " to_folded, cc_folded, bcc_folded, message_id, thread_id, ancestry, attachments, listed_fields, preview"
)
_COPY_MESSAGE = (
    f"INSERT INTO message (size, decoded_size, header_size, structure, created_at, {_SAME})"
    f" SELECT size + ?, decoded_size + ?, header_size + ?, ?, ?, {_SAME} FROM message WHERE id = ? RETURNING id"
)
_COPY_SEGMENTS = (
    "INSERT INTO message_segment (message_pk, position, data, blob_digest, codec, size)"
    " SELECT ?, position, data, blob_digest, codec, size FROM message_segment WHERE message_pk = ? AND position > 0"
)
_FIRST_SEGMENT = "SELECT data FROM message_segment WHERE message_pk = ? AND position = 0"
_PUT_FIRST = "INSERT INTO message_segment (message_pk, position, data, codec, size) VALUES (?, 0, ?, 'raw', ?)"
_BLOBS = (
    "SELECT b.digest, b.size, b.stored_size FROM message_segment s JOIN blob b ON b.digest = s.blob_digest"
    " WHERE s.message_pk = ? ORDER BY b.digest"
)


def with_front_tx(tx: Tx, message_pk: int, field: bytes) -> int:
    """The message_pk of a new message: `field`, then the old one octet for octet. It is in no folder yet.

    field: whole header lines with CRLF, of no field that is searched or listed. Raises as `with_header_tx`.
    """
    return _copy_tx(tx, message_pk, lambda header: field + header)[0]


def with_header_tx(tx: Tx, message_pk: int, change: Callable[[bytes], bytes]) -> int:
    """The message_pk of a new message with another header. It is in no folder yet.

    change: adds whole fields with CRLF, none that is searched. Raises StoreUnavailable for a message that is gone.
    """
    new_pk, header = _copy_tx(tx, message_pk, change)
    scanned = scan(header)
    raw.run(tx.conn, "UPDATE message SET envelope = ? WHERE id = ?", (scanned.envelope, new_pk))
    renew_keys_tx(tx, new_pk, scanned, header)
    return new_pk


def _copy_tx(tx: Tx, message_pk: int, change: Callable[[bytes], bytes]) -> tuple[int, bytes]:
    """The new message, and its header."""
    found = raw.row(tx.conn, "SELECT structure, header_size FROM message WHERE id = ?", (message_pk,))
    first = raw.row(tx.conn, _FIRST_SEGMENT, (message_pk,))
    if found is None or first is None:
        raise StoreUnavailable(f"message {message_pk} is gone")
    beginning = bytes(first[0])
    old = beginning[: found[1]]
    header = change(old)
    more = len(header) - len(old)
    structure = Structure.decode(bytes(found[0])).behind(more).encode()
    inserted = raw.row(tx.conn, _COPY_MESSAGE, (more, more, more, structure, tx.now_ms, message_pk))
    assert inserted is not None
    new_pk = int(inserted[0])
    for digest, size, stored_size in raw.rows(tx.conn, _BLOBS, (message_pk,)):
        refer_to_blob_tx(tx, bytes(digest), size, stored_size, tx.now_ms)
    beginning = header + beginning[len(old) :]
    raw.run(tx.conn, _PUT_FIRST, (new_pk, beginning, len(beginning)))
    raw.run(tx.conn, _COPY_SEGMENTS, (new_pk, message_pk))
    copy_tx(tx, message_pk, new_pk)
    text = raw.row(tx.conn, "SELECT head, body, complete FROM message_text WHERE message_pk = ?", (message_pk,))
    if text is not None:
        SearchIndex().index_tx(tx, new_pk, text[0], text[1], complete=bool(text[2]))
    return new_pk, header
