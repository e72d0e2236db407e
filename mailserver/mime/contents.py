"""What a message says and holds, for those who judge it: read when asked for, once, and within bounds.

The text of documents is read in children that may be killed (`extract`), so asking for it blocks: never on
an event loop. Nothing here raises, whatever the message is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Final

from mailserver.mime.body import Readings
from mailserver.mime.charsets import decode
from mailserver.mime.extract import document_kind, extract_text
from mailserver.mime.scan import Scanned, scan
from mailserver.mime.structure import Part
from mailserver.octets import Octets
from mailserver.text import nfc

# Characters of the message's own text, and of one file's.
MOST_TEXT: Final = 1_000_000
# Files that are shown at all, and documents whose text is read.
MOST_FILES: Final = 200
MOST_DOCUMENTS: Final = 20
# Seconds for the documents of one message together: its sender waits for the answer (RFC 5321 §4.5.3.2.6 lets
# it wait 10 minutes).
MOST_SECONDS: Final = 30.0

# A message without a file and without a document's type has nothing that a child would have to read.
_NAMES_A_FILE: Final = re.compile(rb"name[*0-9 \t]*+=")

Extract = Callable[[Octets, str, str | None, float], str]


def may_block(data: bytes) -> bool:
    """Whether reading all contents of these octets may take a child process. Errs on the side of yes."""
    small = data.lower()
    return b"application/" in small or b"message/" in small or _NAMES_A_FILE.search(small) is not None


class File:
    """A part that people see as a file, or one that is no text.

    name: safe to show, NFC, "" for none. media_type: as the message says, in lower case.
    """

    def __init__(self, part: Part, decode: Callable[[], Octets], read: Callable[[File], str]) -> None:
        self.part = part
        self.name = nfc(part.filename or "")
        self.media_type = part.media_type
        self._decode = decode
        self._read = read

    @cached_property
    def octets(self) -> Octets:
        """The content, its transfer encoding undone."""
        return self._decode()

    @cached_property
    def _text(self) -> str:
        return self._read(self)

    def text(self) -> str:
        """What the file says, NFC; "" if it cannot be read or the bounds are used up. Blocks."""
        return self._text


class Contents:
    """The contents of one message. For one thread at a time."""

    def __init__(
        self,
        data: bytes,
        scanned: Scanned,
        clock: Callable[[], float] = time.monotonic,
        extract: Extract = extract_text,
    ) -> None:
        """data: the octets that were scanned. clock: seconds. extract: as `extract_text`."""
        self.data = data
        self.scanned = scanned
        self.readings = Readings(data, scanned)
        # Documents that were not read, because there were too many or they took too long.
        self.unread = 0
        self._clock = clock
        self._extract = extract
        self._documents = 0
        self._spent = 0.0

    @cached_property
    def subject(self) -> str:
        """Decoded, on one line, NFC."""
        return nfc(self.scanned.subject)

    @cached_property
    def text(self) -> str:
        """What the message itself says, those in it included: text parts that are no files, HTML without its
        tags, NFC, at most MOST_TEXT characters."""
        texts: list[str] = []
        left = MOST_TEXT
        for number, part in enumerate(self.scanned.structure.walk()):
            if part.type == "text" and not part.children and not part.is_attachment and left > 0:
                text = self.readings.text(number, part.subtype, left)
                texts.append(nfc(text) if part.subtype == "html" else text)  # tags may have stood within a character
                left -= len(texts[-1])
        return "\n".join(texts)

    @cached_property
    def files(self) -> tuple[File, ...]:
        """At most MOST_FILES, those of messages within it included."""
        found = [(number, part) for number, part in enumerate(self.scanned.structure.walk()) if _is_file(part)]
        decode = self.readings.octets
        return tuple(File(part, partial(decode, number), self._reader(number)) for number, part in found[:MOST_FILES])

    def _reader(self, number: int) -> Callable[[File], str]:
        """What reads the text of the file that is the part with this number."""

        def read(file: File) -> str:
            if file.part.type == "text":
                return nfc(self.readings.text(number, file.part.subtype, MOST_TEXT))
            return self._document_text(file)

        return read

    def _document_text(self, file: File) -> str:
        if document_kind(file.media_type, file.name or None) is None:
            return ""
        left = MOST_SECONDS - self._spent
        if self._documents >= MOST_DOCUMENTS or left < 1.0:
            self.unread += 1
            return ""
        self._documents += 1
        begun = self._clock()
        text = self._extract(file.octets, file.media_type, file.name or None, min(left, MOST_SECONDS / 2))
        self._spent += self._clock() - begun
        return nfc(text[:MOST_TEXT])


class LooseFile(File):
    """A file that is in no message."""

    def __init__(self, name: str, media_type: str, octets: Octets, read: Callable[[File], str]) -> None:
        self.name = nfc(name)
        self.media_type = media_type
        self._octets = octets
        self._read = read

    @cached_property
    def octets(self) -> Octets:
        return self._octets


class LooseContents(Contents):
    """Files that are in no message, and what is written beside them, for who judges messages."""

    def __init__(self, note: str, files: Sequence[tuple[str, str, Octets]], extract: Extract = extract_text) -> None:
        """files: name, media type, content."""
        super().__init__(b"", scan(b""), extract=extract)
        self._note = nfc(note)
        self._loose = tuple(LooseFile(*one, self._text_of) for one in files)

    @cached_property
    def text(self) -> str:
        return self._note

    @cached_property
    def files(self) -> tuple[File, ...]:
        return self._loose

    def _text_of(self, file: File) -> str:
        if file.media_type.startswith("text/"):
            return nfc(decode(bytes(file.octets[:MOST_TEXT]), "utf-8"))
        return self._document_text(file)


def _is_file(part: Part) -> bool:
    if part.children:
        return False
    return part.is_attachment or (part.type not in ("text", "multipart") and part.message is None)
