"""The content of one part of a message, its transfer encoding undone."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.mime.structure import Part
from mailserver.mime.transfer import decode_body
from mailserver.store import raw
from mailserver.store.blobs import BlobStore
from mailserver.store.messages import attachment_digest, read_octets


def content(conn: Connection, blobs: BlobStore, message_pk: int, part: Part) -> bytes:
    """What a part holds. Large parts in base64 are kept decoded, so they are in memory once, as this.

    Raises StoreUnavailable as `read_octets`.
    """
    digest = attachment_digest(conn, message_pk, part)
    if digest is not None:
        return blobs.get(digest)
    return decode_body(read_octets(conn, blobs, message_pk, *part.body), part.encoding)


def content_size(conn: Connection, blobs: BlobStore, message_pk: int, part: Part) -> int:
    """Octets of `content`; of parts that are kept decoded without reading them."""
    digest = attachment_digest(conn, message_pk, part)
    if digest is not None:
        found = raw.row(conn, "SELECT size FROM blob WHERE digest = ?", (digest,))
        if found is not None:
            return int(found[0])
    return len(content(conn, blobs, message_pk, part))
