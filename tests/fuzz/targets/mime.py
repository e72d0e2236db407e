"""The MIME scanner, and what is made of its structure: answers for the wire, sections, stored pieces."""

from __future__ import annotations

from unittest import mock

from mailserver.imap.fetch.items import Section, Text
from mailserver.imap.fetch.render import locate
from mailserver.mime.body import searchable_text
from mailserver.mime.scan import Scanned, scan
from mailserver.mime.transfer import decode_body
from mailserver.store import segments
from mailserver.store.base64_lines import width_of, wrap
from tests.fuzz.target import Target
from tests.mailserver.mime import soundness
from tests.support import awkward

# Messages of the generator that a run begins with; large ones would only slow it down.
_SEEDS = 250
_LONGEST_SEED = 1500
# Octets from which a part is kept by itself: small, so that short messages have such parts.
_BLOB_FROM = 16
_INLINE = 100


def check(raw: bytes) -> None:
    scanned = scan(raw)
    soundness.check(raw, scanned)
    found = searchable_text(raw, scanned, limit=2_000)
    soundness.check_storable([*soundness.texts_of(scanned), found.head, found.body, found.preview])
    _check_sections(raw, scanned)
    _check_pieces(raw, scanned)


def _check_sections(raw: bytes, scanned: Scanned) -> None:
    """Every section that a client may ask for lies within the message."""
    for part in scanned.structure.walk():
        if not part.children and part.message is None:
            decode_body(raw[slice(*part.body)], part.encoding)
        for text in Text:
            found = locate(Section(part.path, text), scanned.structure)
            assert found is None or 0 <= found[0] <= found[1] <= len(raw)


def _check_pieces(raw: bytes, scanned: Scanned) -> None:
    """What is kept of the message is the message again."""
    with mock.patch.object(segments, "BLOB_FROM", _BLOB_FROM), mock.patch.object(segments, "INLINE_LIMIT", _INLINE):
        pieces = segments.cut(raw, scanned)
    again = b""
    for piece in pieces:
        assert piece.start == len(again)
        width = width_of(piece.codec)
        content = piece.content if width is None else wrap(piece.content, width)
        again += content[: piece.size]
    assert again == raw


def seeds() -> list[bytes]:
    return [made.octets for made in awkward.messages(_SEEDS) if len(made.octets) <= _LONGEST_SEED]


TARGET = Target(
    about="structure, ENVELOPE, BODYSTRUCTURE, sections, text and stored pieces of a message",
    check=check,
    seeds=seeds,
    words="mime",
)
