"""Files of messages by their content: which messages carry these very octets, under whatever name.

A large file is a blob named by its content, so the segments of its message tell. What lies in the message's rows, or
was encoded so oddly that the blob holds the encoded form, stands in `message_file`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256

from sqlalchemy import Connection

from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part
from mailserver.mime.transfer import decode_body
from mailserver.store import raw
from mailserver.store.tx import Tx

# Files of one message that are known.
MOST_FILES = 100
# Smaller ones say nothing: a signature's logo, an empty form. Octets, decoded.
SMALLEST_FILE = 1024
SMALLEST_PICTURE = 20 * 1024
# What comes with mail as a signature or a visiting card is nobody's file.
NO_FILE = frozenset(
    (
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "text/vcard",
        "text/x-vcard",
        "text/directory",
    )
)

_INSERT = "INSERT INTO message_file (digest, message_pk) VALUES (?, ?) ON CONFLICT DO NOTHING"
_IN_ROWS = "SELECT message_pk FROM message_file WHERE digest = ? ORDER BY message_pk LIMIT ?"
_IN_BLOBS = "SELECT message_pk FROM message_segment WHERE blob_digest = ? ORDER BY message_pk LIMIT ?"


def files_of(data: bytes, scanned: Scanned, without: Collection[int] = ()) -> Iterator[tuple[Part, bytes]]:
    """The files of a message with their decoded octets, at most MOST_FILES; those in enclosed messages too.

    without: where the bodies of parts begin that are passed over.
    """
    count = 0
    for part in scanned.structure.walk():
        if part.children or part.message is not None or part.media_type in NO_FILE:
            continue
        if part.type == "text" and not part.is_attachment:
            continue
        start, end = part.body
        if start in without:
            continue
        least = SMALLEST_PICTURE if part.type == "image" else SMALLEST_FILE
        if end - start < least:  # decoding makes nothing longer
            continue
        content = decode_body(data[start:end], part.encoding)
        if len(content) >= least:
            yield part, content
            count += 1
        if count == MOST_FILES:
            return


def digests(data: bytes, scanned: Scanned, named: Collection[int]) -> tuple[bytes, ...]:
    """SHA-256 of the files that no blob is named by. named: where those begin that are known by their blobs."""
    if not scanned.attachments:
        return ()
    return tuple(dict.fromkeys(sha256(content).digest() for _part, content in files_of(data, scanned, named)))


def add_tx(tx: Tx, message_pk: int, found: Sequence[bytes]) -> None:
    if found:
        raw.run_many(tx.conn, _INSERT, [(digest, message_pk) for digest in found])


def remove_tx(tx: Tx, message_pk: int) -> None:
    raw.run(tx.conn, "DELETE FROM message_file WHERE message_pk = ?", (message_pk,))


def copy_tx(tx: Tx, message_pk: int, new_pk: int) -> None:
    """The same files for a message that has the same parts."""
    query = "INSERT INTO message_file (digest, message_pk) SELECT digest, ? FROM message_file WHERE message_pk = ?"
    raw.run(tx.conn, query, (new_pk, message_pk))


def carrying(conn: Connection, digest: bytes, most: int) -> list[int]:
    """The first messages that carry the file, at most `most`."""
    found = {row[0] for query in (_IN_ROWS, _IN_BLOBS) for row in raw.rows(conn, query, (digest, most))}
    return sorted(found)[:most]
