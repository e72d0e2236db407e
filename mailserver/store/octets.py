"""Reading many small messages at once: one query for all instead of three for each."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.base64_lines import width_of, wrapped_range
from mailserver.store.blobs import BlobStore


def read_many(conn: Connection, blobs: BlobStore, message_pks: Collection[int]) -> dict[int, bytes]:
    """The octets of each message that exists, by message_pk; all of them are in memory at once.

    Raises StoreUnavailable if a blob is missing or damaged.
    """
    pieces: dict[int, list[bytes]] = {}
    condition, numbers = raw.among(conn, "message_pk", message_pks)
    query = (
        "SELECT message_pk, data, size, codec, blob_digest FROM message_segment"
        f" WHERE {condition} ORDER BY message_pk, position"
    )
    for pk, data, size, codec, digest in raw.rows(conn, query, (numbers,)):
        pieces.setdefault(pk, []).append(data if digest is None else _decoded(blobs.get(digest), codec, size))
    if without := [pk for pk in message_pks if pk not in pieces]:
        pieces.update((pk, []) for pk in _without_an_octet(conn, without))
    return {pk: found[0] if len(found) == 1 else b"".join(found) for pk, found in pieces.items()}


def _without_an_octet(conn: Connection, message_pks: Collection[int]) -> list[int]:
    """Those that exist. A client may APPEND nothing; a FETCH that left it out would hold the client up."""
    condition, numbers = raw.among(conn, "id", message_pks)
    return [pk for (pk,) in raw.rows(conn, f"SELECT id FROM message WHERE {condition} AND size = 0", (numbers,))]


def _decoded(content: bytes, codec: str, size: int) -> bytes:
    width = width_of(codec)
    return content if width is None else wrapped_range(content, width, 0, size)
