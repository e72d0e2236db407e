"""Text of attached documents, read in a child process that may be killed.

PDF and office files come from strangers and their readers are large; a bomb or an endless loop in
one must cost a bounded time and memory, and nobody else anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailserver.mime.charsets import decode
from mailserver.mime.nursery import NURSERY
from mailserver.octets import Octets

# Kinds of documents that `extract_child` reads, by media type and by the end of the file name.
_BY_TYPE: Final = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odf",
    "application/vnd.oasis.opendocument.spreadsheet": "odf",
    "application/vnd.oasis.opendocument.presentation": "odf",
}
_BY_SUFFIX: Final = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".pptx": "pptx",
    ".pptm": "pptx",
    ".odt": "odf",
    ".ods": "odf",
    ".odp": "odf",
}
# How a file begins; what begins otherwise is not read.
_PDF_MAGIC: Final = b"%PDF-"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_MAGIC_WITHIN: Final = 1024
MEMORY: Final = 512 * 1024 * 1024


# Letters, which are no words: the lines are looked at for encodings from before Unicode.
_PLACES: Final = {"B": "body", "H": "head", "X": "box"}


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a first page. where: "body", "head" (running head) or "box" (text box); top: its upper edge, 0 to 1."""

    where: str
    top: float
    text: str


def document_kind(media_type: str, filename: str | None) -> str | None:
    """Which reader a file needs, None if it is no document we read. The file name decides first."""
    suffix = Path(filename).suffix.lower() if filename else ""
    return _BY_SUFFIX.get(suffix) or _BY_TYPE.get(media_type.lower())


def extract_text(
    data: Octets, media_type: str, filename: str | None, timeout_s: float = 20, memory: int = MEMORY
) -> str:
    """The text of a PDF, DOCX, XLSX, PPTX, ODT, ODS or ODP file, NFC, "" if it cannot be read.

    timeout_s: seconds, after which what has been read of a PDF so far is given. memory: octets of
    address space of the child. Blocks; never raises, whatever the data is. Documents of the nineties are in fonts
    of their encoding; their text comes out as windows-1252 has it, and is read as it was meant.
    """
    return decode(_read(data, document_kind(media_type, filename), timeout_s, memory), "utf-8")


def extract_page(
    data: Octets, media_type: str, filename: str | None, timeout_s: float = 10, memory: int = MEMORY
) -> tuple[PageLine, ...]:
    """The lines of the first page of a PDF or DOCX file with their places; none of any other or if it cannot be read.

    timeout_s, memory: as for `extract_text`. Blocks; never raises, whatever the data is.
    """
    kind = document_kind(media_type, filename)
    return parse_page(_read(data, kind, timeout_s, memory, "page")) if kind in ("pdf", "docx") else ()


def parse_page(told: bytes) -> tuple[PageLine, ...]:
    """What the child told of a page."""
    found = []
    for line in decode(told, "utf-8").split("\n"):
        where, _, rest = line.partition("\t")
        top, _, text = rest.partition("\t")
        if where in _PLACES and top.lstrip("-").isdecimal() and text:
            found.append(PageLine(_PLACES[where], int(top) / 1000, text))
    return tuple(found)


def _read(data: Octets, kind: str | None, timeout_s: float, memory: int, *more: str) -> bytes:
    magic = _PDF_MAGIC if kind == "pdf" else _ZIP_MAGIC
    if kind is None or magic not in data[:_MAGIC_WITHIN]:
        return b""
    words = " ".join((kind, str(memory), str(max(1, round(1000 * timeout_s))), *more))
    return NURSERY.read(data, words, timeout_s)
