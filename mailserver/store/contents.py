"""The content of one part of a stored message, its transfer encoding undone; and the text of its own."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.mime.body import text_of
from mailserver.mime.html_text import html_to_text
from mailserver.mime.structure import Part, Structure
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


def own_text(conn: Connection, blobs: BlobStore, message_pk: int, structure: Structure, most: int) -> str:
    """What a person wrote in it: the first plain part, else HTML without its tags, "" for neither.

    most: octets of a part that are read. Raises StoreUnavailable as `read_octets`.
    """
    page = ""
    for part in structure.walk():
        if part.type != "text" or part.is_attachment or part.children:
            continue
        start, end = part.body
        octets = read_octets(conn, blobs, message_pk, start, min(end, start + most))
        if part.subtype != "html":
            return text_of(octets, part)
        page = page or html_to_text(text_of(octets, part))
    return page
