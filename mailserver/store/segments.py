"""Cutting a message's body into segments: large parts become blobs, the rest stays in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailserver.mime.body import Readings
from mailserver.mime.extract import document_kind
from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part
from mailserver.store.base64_lines import unwrap

# Encoded octets from which a leaf part is a blob of its own.
BLOB_FROM = 16 * 1024
# What stands between the leaves is small; where it is not (a preamble of megabytes), it is a blob too.
INLINE_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the message. content: as it will be kept; codec: "raw" or "base64-WIDTH"."""

    start: int
    size: int
    content: bytes
    codec: str
    is_blob: bool


def cut(data: bytes, scanned: Scanned, readings: Readings | None = None) -> list[Piece]:
    """The message as pieces in order, without gaps; the first holds the header and is not a blob.

    readings: of this message, where parts have been decoded already.
    """
    pieces: list[Piece] = []
    at = 0
    for start, end, encoding, number in _large_leaves(scanned):
        if start < at:
            continue
        known = readings.known(number) if readings else None
        wrapped = unwrap(data, start, end, known) if encoding == "base64" else None
        pieces.extend(_between(data, at, start, scanned.header_size))
        if wrapped is not None:
            pieces.append(Piece(start, wrapped.size, wrapped.content, wrapped.codec, True))
        else:
            pieces.append(Piece(start, end - start, data[start:end], "raw", True))
        at = start + pieces[-1].size
    pieces.extend(_between(data, at, len(data), scanned.header_size))
    return pieces


def _large_leaves(scanned: Scanned) -> list[tuple[int, int, str, int]]:
    """(start, end, encoding, number) of the leaf parts worth a blob, in order of their place."""
    leaves = [
        (*part.body, part.encoding, number)
        for number, part in enumerate(scanned.structure.walk())
        if _is_leaf(part) and part.body[1] - part.body[0] >= BLOB_FROM
    ]
    return sorted(leaves)


def _between(data: bytes, start: int, end: int, header_size: int) -> Iterator[Piece]:
    """What stands between two large leaves, as one piece; the header goes alone if the rest is large."""
    if start == 0 and end > INLINE_LIMIT and header_size < end:
        yield Piece(0, header_size, data[:header_size], "raw", False)
        start = header_size
    if start < end:
        is_blob = end - start > INLINE_LIMIT and start >= header_size
        yield Piece(start, end - start, data[start:end], "raw", is_blob)


def is_document(part: Part) -> bool:
    """Whether `extract` may find text in this part."""
    return _is_leaf(part) and document_kind(part.media_type, part.filename) is not None


def _is_leaf(part: Part) -> bool:
    return not part.children and part.message is None
