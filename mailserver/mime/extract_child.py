"""Reads documents, each in a process of its own with limits on memory and time.

Run by `nursery` as a script of its own, and so without an import of this product. Standard input is a socket. A message
on it brings another socket and words: kind, octets of address space, milliseconds, and "page" where the lines of the
first page are wanted with their places (`extract.extract_page`). For each a child is forked, which has what reads
documents loaded already: it says READY, reads the document from its socket, writes its text there, and ends.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import re
import resource
import signal
import socket
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
# Lines of a first page that are told with their places; paragraphs that fill a page, about.
MAX_LINES: Final = 120
PARAGRAPHS_A_PAGE: Final = 45

# Blanks by which people set one thing beside another.
APART: Final = re.compile(r"[ \u00a0]{4,}|[\t\r\n]+")
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ODF_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


_LOADED: Final[set[str]] = set()
# The least that makes a reader of PDF look for its fonts.
_ONE_LETTER_PDF: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 17>>stream
BT/F 9 Tf(a)Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""

READY: Final = b"\x06"
# Seconds without a document after which the process that forks ends, for what it has loaded takes memory.
IDLE_S: Final = 60.0
MAX_WORDS: Final = 200


class Refused(Exception):
    """The file is larger inside than we are willing to read."""


def serve(control: socket.socket) -> None:
    """Fork a child for each document, until nobody asks any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that end leave nothing behind
    control.settimeout(IDLE_S)
    while True:
        try:
            told, descriptors, _flags, _from = socket.recv_fds(control, MAX_WORDS, 1)
        except TimeoutError:
            return
        if not told:
            return
        kind, memory, milliseconds, *more = told.decode().split()
        _load(kind)
        with socket.socket(fileno=descriptors[0]) as connection:
            if os.fork() == 0:
                control.close()
                _child(connection, kind, int(memory), int(milliseconds), page="page" in more)


def _load(kind: str) -> None:
    """What reads such documents, and what it makes ready for its first one; a child would do both each time."""
    if kind in _LOADED:
        return
    _LOADED.add(kind)
    importlib.import_module({"pdf": "pypdfium2", "xlsx": "openpyxl"}.get(kind, "defusedxml.ElementTree"))
    if kind == "pdf":
        for reader in (pdf, pdf_page):
            list(reader(_ONE_LETTER_PDF))
    gc.collect()
    gc.freeze()  # pages of memory stay shared with the children


def _child(connection: socket.socket, kind: str, memory: int, milliseconds: int, *, page: bool) -> None:
    """Never returns."""
    status = 1
    try:
        signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)  # kills
        seconds = 1 + milliseconds // 1000
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        # A document cannot make its reader write files.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        connection.settimeout(None)
        connection.sendall(READY)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        with connection.makefile("rb") as source:
            data = source.read()
        left = MAX_CHARACTERS
        for text in (PAGES if page else READERS)[kind](data):
            connection.sendall(text[:left].encode("utf-8", "replace"))
            left -= len(text)
            if left <= 0:
                break
        status = 0
    finally:
        os._exit(status)  # whatever the fault of the document or of its reader; what was written is taken


def pdf(data: bytes) -> Iterator[str]:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        text = page.get_textpage().get_text_range()
        page.close()
        # A hyphen at the end of a line may come as a mark that is no character; numbers of documents have hyphens.
        yield text.replace("\r\n", "\n").replace("\ufffe", "-").replace("\x02", "-") + "\n"


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


def line_of(where: str, top: float, text: str) -> str:
    """One line of a page, or the stretches of it that stand apart, as `extract.parse_page` reads it.

    where: B for the body, H for a running head, X for a text box. top: 0 at the upper edge, 1000 at the lower.
    """
    pieces = [" ".join(piece.split()) for piece in APART.split(text)]
    return "".join([f"{where}\t{round(top)}\t{piece}\n" for piece in pieces if piece])


def pdf_page(data: bytes) -> Iterator[str]:
    """Stretches of text that stand apart: those of one line that touch are joined, two columns are not."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    if not len(document):
        return
    page = document[0]
    height = page.get_height() or 1
    text = page.get_textpage()
    boxes = [text.get_rect(number) for number in range(min(text.count_rects(), MAX_LINES * 10))]
    joined: list[list[float]] = []
    boxes.sort(key=lambda box: (-round((box[1] + box[3]) / 8), box[0]))
    for left, bottom, right, top in boxes:
        last = joined[-1] if joined else None
        tall = top - bottom
        if last is not None and abs(last[1] - bottom) < tall * 0.6 and 0 <= left - last[2] + tall < tall * 3:
            last[:] = [min(last[0], left), min(last[1], bottom), max(last[2], right), max(last[3], top)]
        else:
            joined.append([left, bottom, right, top])
    for left, bottom, right, top in joined[:MAX_LINES]:
        words = text.get_text_bounded(left - 0.5, bottom - 0.5, right + 0.5, top + 0.5)
        yield line_of("B", 1000 * (height - top) / height, words)


class PageTarget:
    """Gathers the paragraphs of a Word file, those in text boxes by themselves.

    lines: (whether in a text box, text).
    """

    def __init__(self) -> None:
        self.lines: list[tuple[bool, str]] = []
        self._open: list[list[str]] = []
        self._boxes = 0
        self._within = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _WORD + "txbxContent":
            self._boxes += 1
        elif tag == _WORD + "p":
            self._open.append([])
        elif tag == _WORD + "t":
            self._within += 1
        elif tag in (_WORD + "tab", _WORD + "br") and self._open:
            self._open[-1].append("\n")

    def end(self, tag: str) -> None:
        if tag == _WORD + "txbxContent":
            self._boxes -= 1
        elif tag == _WORD + "t":
            self._within -= 1
        elif tag == _WORD + "p" and self._open:
            for line in "".join(self._open.pop()).split("\n"):
                if line.strip():
                    self.lines.append((self._boxes > 0, line))

    def data(self, text: str) -> None:
        if self._within and self._open:
            self._open[-1].append(text)

    def close(self) -> None:
        """Called by the parser at the end."""


def docx_page(data: bytes) -> Iterator[str]:
    """The running heads, then the first paragraphs. Where a paragraph stands is guessed from how many are before it."""
    from defusedxml.ElementTree import DefusedXMLParser

    with archive(data) as opened:
        names = [name for name in opened.namelist() if name.endswith(".xml")]
        heads = sorted(name for name in names if name.startswith("word/header"))
        for name in [*heads, *(name for name in names if name == "word/document.xml")]:
            target = PageTarget()
            parser = DefusedXMLParser(target=target, forbid_dtd=True)
            with opened.open(name) as entry:
                while (chunk := entry.read(CHUNK)) and len(target.lines) < MAX_LINES:
                    parser.feed(chunk)
            for number, (boxed, text) in enumerate(target.lines[:MAX_LINES]):
                where = "H" if name in heads else "X" if boxed else "B"
                yield line_of(where, 0 if where == "H" else number * 1000 / PARAGRAPHS_A_PAGE, text)


PAGES: Final = {"pdf": pdf_page, "docx": docx_page}
READERS: Final = {"pdf": pdf, "docx": docx, "pptx": pptx, "odf": odf, "xlsx": xlsx}


if __name__ == "__main__":
    with socket.socket(fileno=sys.stdin.fileno()) as given:
        serve(given)
