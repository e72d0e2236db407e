"""Reading stored messages: their octets, byte for byte, and what was worked out when they came in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.mime import listed
from mailserver.mime.structure import Part, Structure
from mailserver.store import raw
from mailserver.store.base64_lines import width_of, wrapped_range
from mailserver.store.blobs import BlobStore
from mailserver.store.columns import from_milliseconds
from mailserver.store.errors import StoreUnavailable
from mailserver.store.ingest import DOOMED_FOR_MS, refer_to_blob_tx
from mailserver.store.schema import message
from mailserver.store.tx import Tx

_HEADER, _LISTED = "header", "listed_fields"
_COLUMNS = frozenset(column.name for column in message.columns) | {_HEADER}
# The header is the beginning of the first segment, which is never a blob.
_SQL_OF_HEADER = "substr(s.data, 1, m.header_size)"
_FROM = " FROM message m LEFT JOIN message_segment s ON s.message_pk = m.id AND s.position = 0"
# Encodings under which a part's octets on the wire are its content.
_IDENTITY = ("7bit", "8bit", "binary")


@dataclass(frozen=True, slots=True)
class MessageInfo:
    """What was worked out at delivery. sent_at: seconds since 1970 of the Date field."""

    message_pk: int
    size: int
    decoded_size: int
    header: bytes
    envelope: bytes
    bodystructure: bytes
    structure: Structure
    sent_at: int | None
    subject: str
    base_subject: str
    sender: str
    message_id: str | None
    thread_id: int
    attachments: int
    preview: str
    created_at: datetime


_INFO = (
    f"SELECT m.id, m.size, decoded_size, {_SQL_OF_HEADER}, envelope, bodystructure, structure, sent_at,"
    " subject, base_subject, sender, message_id, thread_id, attachments, preview, created_at"
    f"{_FROM} WHERE m.id = ?"
)


def info(conn: Connection, message_pk: int) -> MessageInfo:
    """Raises StoreUnavailable if the message is gone."""
    found = raw.row(conn, _INFO, (message_pk,))
    if found is None:
        raise StoreUnavailable(f"message {message_pk} is gone")
    values = list(found)
    values[3] = values[3] or b""  # a message without an octet has no segment
    values[6] = Structure.decode(values[6])
    values[15] = from_milliseconds(values[15])
    return MessageInfo(*values)


def load_many(conn: Connection, message_pks: Collection[int], columns: Sequence[str]) -> dict[int, Any]:
    """The named columns of table `message`, or "header", as a tuple for each message_pk that exists."""
    return {row[0]: row[1:] for row in load_rows(conn, message_pks, columns)}


def load_rows(conn: Connection, message_pks: Collection[int], columns: Sequence[str]) -> list[Any]:
    """As `load_many`, in any order, each message_pk in front of its columns. "listed_fields" is never None."""
    unknown = set(columns) - _COLUMNS
    if unknown:
        raise ValueError(f"no such column: {unknown}")
    if not message_pks:
        return []
    found = _rows(conn, message_pks, columns)
    if _LISTED in columns:
        place = columns.index(_LISTED) + 1
        if missing := [row[0] for row in found if row[place] is None]:
            packed = {pk: listed.pack(header or b"") for pk, header in _rows(conn, missing, (_HEADER,))}
            return [(*row[:place], packed.get(row[0], row[place]), *row[place + 1 :]) for row in found]
    return found


def _rows(conn: Connection, message_pks: Collection[int], columns: Sequence[str]) -> list[Any]:
    names = ", ".join(["m.id", *(_SQL_OF_HEADER if name == _HEADER else f"m.{name}" for name in columns)])
    select = f"SELECT {names}{_FROM if _HEADER in columns else ' FROM message m'} WHERE "
    low, high = min(message_pks), max(message_pks)
    if high - low >= 2 * len(message_pks):
        condition, numbers = raw.among(conn, "m.id", message_pks)
        return raw.rows(conn, select + condition, (numbers,))
    # Nearly all of a range: a scan is faster than single look-ups.
    found = raw.rows(conn, select + "m.id BETWEEN ? AND ?", (low, high))
    wanted = set(message_pks)
    return found if len(wanted) == high - low + 1 else [row for row in found if row[0] in wanted]


def read_octets(conn: Connection, blobs: BlobStore, message_pk: int, start: int = 0, end: int | None = None) -> bytes:
    """The message's octets [start, end) as they came in; reads only the segments it needs.

    Raises StoreUnavailable if the message is gone, or a blob missing or damaged.
    """
    plan = _plan(conn, message_pk)
    size = sum(segment[1] for segment in plan)
    end = size if end is None else min(end, size)
    pieces = []
    at = 0
    for position, length, codec, digest in plan:
        low, high = max(start - at, 0), min(end - at, length)
        if low < high:
            if digest is None:
                pieces.append(_inline(conn, message_pk, position)[low:high])
            else:
                pieces.append(_decoded(blobs.get(digest), codec, low, high))
        at += length
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def attachment_digest(conn: Connection, message_pk: int, part: Part) -> bytes | None:
    """The blob that holds exactly the decoded content of a leaf part; None if there is no such blob."""
    start, end = part.body
    at = 0
    for position, length, codec, digest in _plan(conn, message_pk):
        if at == start and digest is not None:
            if codec == "raw":
                whole = at + length == end and part.encoding in _IDENTITY
            else:
                whole = part.encoding == "base64" and _is_blank(conn, message_pk, position + 1, end - at - length)
            return digest if whole else None
        at += length
    return None


def _is_blank(conn: Connection, message_pk: int, position: int, size: int) -> bool:
    """Whether what follows a blob within its part, at the beginning of the next segment, is white space."""
    if size <= 0:
        return True
    query = "SELECT substr(data, 1, ?) FROM message_segment WHERE message_pk = ? AND position = ?"
    found = raw.row(conn, query, (size, message_pk, position))
    return found is not None and found[0] is not None and not found[0].strip()


def pin_tx(tx: Tx, message_pk: int) -> None:
    """Keep a message although it may be in no folder. One pin more each time."""
    raw.run(tx.conn, "UPDATE message SET pins = pins + 1 WHERE id = ?", (message_pk,))


def unpin_tx(tx: Tx, message_pk: int) -> None:
    """Take a pin back; the collector looks whether anybody still holds the message."""
    raw.run(tx.conn, "UPDATE message SET pins = pins - 1 WHERE id = ? AND pins > 0", (message_pk,))
    note_orphan_tx(tx, message_pk)


def note_orphan_tx(tx: Tx, message_pk: int) -> None:
    """Have the collector look at a message that may be nobody's."""
    raw.run(
        tx.conn,
        "INSERT INTO orphan_candidate (message_pk, since) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (message_pk, tx.now_ms),
    )


def hold_blob_tx(tx: Tx, digest: bytes, size: int = 0, stored_size: int = 0, *, put_at_ms: int | None = None) -> None:
    """Keep a blob for something other than a message; put it in the blob store before.

    size, stored_size: of the content and in the store, used if the database has not met the blob yet. put_at_ms: when
    putting it began; None: some time within the last minute. Raises StoreUnavailable for one that is just being
    collected: put it again, later.
    """
    at = tx.now_ms - DOOMED_FOR_MS if put_at_ms is None else put_at_ms
    refer_to_blob_tx(tx, digest, size, stored_size, at)


def release_blob_tx(tx: Tx, digest: bytes) -> None:
    """Take one reference back; a blob without any is collected a day later."""
    raw.run(
        tx.conn,
        "UPDATE blob SET refs = refs - 1, orphaned_at = CASE WHEN refs = 1 THEN ? ELSE orphaned_at END"
        " WHERE digest = ? AND refs > 0",
        (tx.now_ms, digest),
    )


def _plan(conn: Connection, message_pk: int) -> list[Any]:
    """In order, (position, size, codec, digest or None) of every segment."""
    query = "SELECT position, size, codec, blob_digest FROM message_segment WHERE message_pk = ? ORDER BY position"
    plan = raw.rows(conn, query, (message_pk,))
    if not plan and raw.row(conn, "SELECT 1 FROM message WHERE id = ?", (message_pk,)) is None:
        raise StoreUnavailable(f"message {message_pk} is gone")
    return plan


def _inline(conn: Connection, message_pk: int, position: int) -> bytes:
    query = "SELECT data FROM message_segment WHERE message_pk = ? AND position = ?"
    found = raw.row(conn, query, (message_pk, position))
    assert found is not None
    return bytes(found[0])


def _decoded(content: bytes, codec: str, start: int, end: int) -> bytes:
    width = width_of(codec)
    return content[start:end] if width is None else wrapped_range(content, width, start, end)
