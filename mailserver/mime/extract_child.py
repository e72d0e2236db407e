"""Reads one document from standard input and writes its text to standard output, then ends.

Run by `extract` as a script of its own, with limits on memory and time, and so without an import
of this product. Arguments: kind, octets of address space, seconds of processor time.
"""

from __future__ import annotations

import io
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

MAX_CHARACTERS: Final = 1_000_000
MAX_PAGES: Final = 500
# Of an office file, which is a zip archive: entries, octets unpacked, and unpacked to packed.
MAX_ENTRIES: Final = 1_000
MAX_UNPACKED: Final = 100 * 1024 * 1024
MAX_RATIO: Final = 100
CHUNK: Final = 64 * 1024

_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ODF_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class Refused(Exception):
    """The file is larger inside than we are willing to read."""


def main(kind: str, memory: int, seconds: int) -> None:
    """Set the limits, read, write."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    # A document cannot make its reader write files.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    left = MAX_CHARACTERS
    for text in READERS[kind](sys.stdin.buffer.read()):
        sys.stdout.buffer.write(text[:left].encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        left -= len(text)
        if left <= 0:
            break


def pdf(data: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    for number, page in enumerate(reader.pages):
        if number == MAX_PAGES:
            return
        yield page.extract_text() + "\n"


def archive(data: bytes) -> zipfile.ZipFile:
    """The zip archive, if it is of a size that a document has. Raises Refused."""
    opened = zipfile.ZipFile(io.BytesIO(data))
    entries = opened.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > min(MAX_UNPACKED, MAX_RATIO * len(data)):
        raise Refused
    return opened


class TextTarget:
    """Gathers character data while XML is read, in the order of the document.

    texts: elements whose character data counts; all of it if empty. breaks: elements that end a line.
    """

    def __init__(self, texts: frozenset[str], breaks: frozenset[str]) -> None:
        self.found: list[str] = []
        self._texts = texts
        self._breaks = breaks
        self._within = 0 if texts else 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in self._texts:
            self._within += 1

    def end(self, tag: str) -> None:
        if tag in self._texts:
            self._within -= 1
        if tag in self._breaks:
            self.found.append("\n")

    def data(self, text: str) -> None:
        if self._within:
            self.found.append(text)

    def close(self) -> None:
        """Called by the parser at the end."""


def xml_text(data: bytes, wanted: Iterable[str], texts: frozenset[str], breaks: frozenset[str]) -> Iterator[str]:
    """The text of the archive's XML entries whose names begin with one of `wanted`."""
    from defusedxml.ElementTree import DefusedXMLParser

    starts = tuple(wanted)
    with archive(data) as opened:
        for name in opened.namelist():
            if not (name.startswith(starts) and name.endswith(".xml")):
                continue
            target = TextTarget(texts, breaks)
            parser = DefusedXMLParser(target=target, forbid_dtd=True)
            with opened.open(name) as entry:
                while chunk := entry.read(CHUNK):
                    parser.feed(chunk)
                    yield "".join(target.found)
                    target.found.clear()


def docx(data: bytes) -> Iterator[str]:
    parts = ("word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments")
    yield from xml_text(data, parts, frozenset({_WORD + "t"}), frozenset({_WORD + "p", _WORD + "br", _WORD + "tab"}))


def pptx(data: bytes) -> Iterator[str]:
    parts = ("ppt/slides/slide", "ppt/notesSlides/notesSlide")
    yield from xml_text(data, parts, frozenset({_DRAWING + "t"}), frozenset({_DRAWING + "p"}))


def odf(data: bytes) -> Iterator[str]:
    breaks = frozenset({_ODF_TEXT + "p", _ODF_TEXT + "h", _ODF_TEXT + "line-break", _ODF_TEXT + "tab"})
    yield from xml_text(data, ("content",), frozenset(), breaks)


def xlsx(data: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    archive(data).close()
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book.worksheets:
        yield sheet.title + "\n"
        for row in sheet.iter_rows(values_only=True):
            cells = [str(cell) for cell in row if cell is not None]
            if cells:
                yield "\t".join(cells) + "\n"


READERS: Final = {"pdf": pdf, "docx": docx, "pptx": pptx, "odf": odf, "xlsx": xlsx}


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except Exception as error:
        # Any fault of the document or of its reader; the parent takes what was written.
        sys.exit(f"{type(error).__name__}: {error}"[:500])
