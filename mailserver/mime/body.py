"""Bodies of parts as text, and the text of a message that people search for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from mailserver.mime import charsets, legacy
from mailserver.mime.address import Address
from mailserver.mime.charsets import Decoded
from mailserver.mime.header import fields_of
from mailserver.mime.html_text import html_to_text
from mailserver.mime.legacy_html import repair_html
from mailserver.mime.limits import MAX_PREVIEW
from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part
from mailserver.mime.transfer import decode_body
from mailserver.mime.words import decode_text
from mailserver.text import fold

__all__ = ["Readings", "SearchText", "decode_body", "read_text", "searchable_text", "text_of"]

# Characters of the unfolded text a preview is made from.
_PREVIEW_FROM: Final = 1_000
# Octets that are looked at for each character wanted: three in UTF-8, a third more in base64; markup beside it.
_OCTETS_PER_CHARACTER: Final = 8
# Fields whose decoded words `scan` has already; and octets that are searched of all the others.
_READ_BY_SCAN: Final = frozenset((b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"subject"))
_OTHER_FIELDS: Final = 16_384


# Files of text that phones and web mail send as application/octet-stream.
_TEXT_FILES: Final = {".txt": "plain", ".csv": "plain", ".md": "plain", ".html": "html", ".htm": "html"}
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class SearchText:
    """head and body: folded. preview: as written, on one line, at most 200 characters."""

    head: str
    body: str
    preview: str


def text_of(raw: bytes, part: Part) -> str:
    """A text part's content: transfer encoding undone, charset repaired, NFC, lines end in LF.

    raw: the octets of `part.body`. HTML stays HTML. Never raises.
    """
    return read_text(raw, part).text.replace("\r\n", "\n")


def read_text(raw: bytes, part: Part) -> Decoded:
    """As `text_of`, and what the text was before it was repaired; lines end as they came."""
    octets = decode_body(raw, part.encoding)
    repair = repair_html if part.subtype == "html" else legacy.repair
    return charsets.decoded(octets, "utf-16" if octets[:2] in _UTF16 else part.charset, repair)


class Readings:
    """What the parts of one message say and hold, each decoded once for all who read it: rules, then the store.

    A part has its number in a walk through the structure, which fields put in front of the message do not change.
    For one thread at a time. Holds as much as was asked for.
    """

    def __init__(self, data: bytes, scanned: Scanned) -> None:
        """data: the octets that were scanned."""
        self._data = data
        self._parts = tuple(scanned.structure.walk())
        self._read: dict[tuple[int, str], tuple[int, str]] = {}
        self._decoded: dict[int, bytes] = {}

    def text(self, number: int, subtype: str, limit: int) -> str:
        """The first characters, at most `limit`, of the part with this number.

        subtype: where it is "html", tags are taken out. Otherwise as `text_of`.
        """
        part = self._parts[number]
        start, end = part.body
        asked = min(end - start, limit * _OCTETS_PER_CHARACTER)
        known, text = self._read.get((number, subtype), (-1, ""))
        if known < asked:
            text = text_of(self._data[start : start + asked], part)
            if subtype == "html":
                text = html_to_text(text)
            self._read[number, subtype] = asked, text
        return text[:limit]

    def octets(self, number: int) -> bytes:
        """The content of the part with this number, its transfer encoding undone."""
        if number not in self._decoded:
            part = self._parts[number]
            start, end = part.body
            self._decoded[number] = decode_body(self._data[start:end], part.encoding)
        return self._decoded[number]

    def known(self, number: int) -> bytes | None:
        """As `octets`, if somebody has asked for it; else None."""
        return self._decoded.get(number)


def searchable_text(
    data: bytes, scanned: Scanned, limit: int = 256_000, readings: Readings | None = None
) -> SearchText:
    """The text of a message for the index and for lists.

    data: the octets that were scanned. limit: characters of head and body each. readings: of this message,
    whatever stands in its header. Text and HTML parts and files and file names count, those of embedded
    messages too; other files are `extract`'s work. The preview is of parts, not of files.
    """
    readings = readings or Readings(data, scanned)
    names: list[str] = []
    texts: list[str] = []
    files: list[str] = []
    left = limit
    for number, part in enumerate(scanned.structure.walk()):
        if part.filename is not None:
            names.append(part.filename)
        if left <= 0:
            continue
        if part.type == "text" or _has_no_parts(part):
            text = readings.text(number, part.subtype, left)
            if not (part.subtype == "html" and _repeats(text, texts)):
                texts.append(text)
                left -= len(text)
        elif (subtype := _text_file(part)) is not None:
            files.append(readings.text(number, subtype, left))
            left -= len(files[-1])
    body = fold("\n".join(texts + files + names)[:limit])
    return SearchText(_head(data[: scanned.header_size], scanned)[:limit], body, _preview(texts))


def _text_file(part: Part) -> str | None:
    """ "plain" or "html" for a file of text that is not labelled as one."""
    if part.type != "application" or part.filename is None:
        return None
    return _TEXT_FILES.get(PurePosixPath(part.filename).suffix.lower())


def _has_no_parts(part: Part) -> bool:
    """Whether a multipart has only the empty text that stands for missing parts: people then read
    what is there, whatever it was meant to be."""
    children = part.children
    return len(children) == 1 and children[0].header[0] == children[0].body[1] == part.body[1]


def _repeats(text: str, texts: list[str]) -> bool:
    """Whether an HTML part says what the text part before it says (multipart/alternative)."""
    return bool(texts) and text.split() == texts[-1].split()


def _head(block: bytes, scanned: Scanned) -> str:
    """Subject and addresses first, then what the other fields say: TEXT means all of the header
    (RFC 3501 §6.4.4)."""
    lists = (scanned.from_, scanned.sender, scanned.reply_to, scanned.to, scanned.cc, scanned.bcc)
    words = [scanned.subject]
    words.extend([_words(address) for addresses in lists for address in addresses])
    others = [value for name, value in fields_of(block) if name not in _READ_BY_SCAN]
    words.append(decode_text(b"\n".join(others)[:_OTHER_FIELDS]))
    return fold("\n".join(words))


def _words(address: Address) -> str:
    return f"{address.name} {address.addr}" if address.name else address.addr


def _preview(texts: list[str]) -> str:
    """The first words that are not quoted from another mail."""
    start = next((text[:_PREVIEW_FROM] for text in texts if not text.isspace() and text), "")
    lines = start.split("\n")
    words = _first_words([line for line in lines if not line.startswith(">")]) or _first_words(lines)
    if len(words) <= MAX_PREVIEW:
        return words
    return words[: MAX_PREVIEW - 1].rstrip() + "…"


def _first_words(lines: Iterable[str]) -> str:
    """The words of some lines with one space between, from the beginning up to a line that makes a preview full."""
    words = ""
    for line in lines:
        more = " ".join(line.split())
        words = f"{words} {more}" if words and more else words or more
        if len(words) > MAX_PREVIEW:
            break
    return words
