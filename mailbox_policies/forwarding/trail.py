"""What a letter shows of the mail that it was made from: references, enclosed letters, files, quoted words.

Pure, never raises, linear in the octets. What it shows proves nothing yet: `finding` looks for the messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from mailbox_policies.forwarding import blocks
from mailbox_policies.forwarding.blocks import Block
from mailserver.mime.body import text_of
from mailserver.mime.header import Header
from mailserver.mime.html_text import html_to_text
from mailserver.mime.message_ids import message_id, message_ids
from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part
from mailserver.store.files import files_of
from mailserver.store.search import words
from mailserver.text import fold

# Octets of all text parts that are read; enclosed letters.
MOST_TEXT = 1_000_000
MOST_ENCLOSED = 50


@dataclass(frozen=True, slots=True)
class File:
    """An attachment. digest: SHA-256 of its decoded octets, as the store knows files; whatever the file is called."""

    digest: bytes
    size: int
    name: str
    picture: bool


@dataclass(frozen=True, slots=True)
class Trail:
    """direct: identifiers of what the letter answers or says that it forwards; thread: of all it refers to.

    enclosed: identifiers of letters attached whole. words: of its text, as the search index has them.
    """

    direct: tuple[str, ...]
    thread: tuple[str, ...]
    enclosed: tuple[str, ...]
    blocks: tuple[Block, ...]
    files: tuple[File, ...]
    words: tuple[str, ...]


def trail_of(data: bytes, scanned: Scanned) -> Trail:
    """Read a letter. data: the octets that were scanned."""
    header = Header(data[: scanned.header_size])
    said = message_ids(header.get(b"X-Forwarded-Message-Id") or b"")  # Thunderbird
    texts, enclosed = _contents(data, scanned)
    text = "\n".join(texts)
    return Trail(
        direct=tuple(dict.fromkeys((*said, *scanned.in_reply_to, *scanned.references[-1:]))),
        thread=scanned.references,
        enclosed=enclosed,
        blocks=blocks.find(text),
        files=tuple(
            File(sha256(content).digest(), len(content), part.filename or "", part.type == "image")
            for part, content in files_of(data, scanned)
        ),
        words=tuple(words(fold(text)).split()),
    )


def _contents(data: bytes, scanned: Scanned) -> tuple[list[str], tuple[str, ...]]:
    texts: list[str] = []
    enclosed: list[str] = []
    left = MOST_TEXT
    for part in scanned.structure.walk():
        if part.message is not None:
            if len(enclosed) < MOST_ENCLOSED:
                enclosed.extend(_own_identifier(data, part.message))
        elif part.children:
            continue
        elif part.type == "text" and not part.is_attachment:
            start, end = part.body
            text = text_of(data[start : min(end, start + left)], part)
            left = max(0, left - (end - start))
            texts.append(html_to_text(text) if part.subtype == "html" else text)
    return texts, tuple(enclosed)


def _own_identifier(data: bytes, root: Part) -> list[str]:
    start, end = root.header
    value = Header(data[start:end]).get(b"Message-ID")
    found = message_id(value) if value else None
    return [found] if found else []
