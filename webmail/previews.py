"""What a message that lies in no folder says, for a page that asks somebody to decide on it."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan

# Characters that are shown.
SHOWN = 4_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What a message says, for who may read it: plain text and the names of its files."""

    subject: str
    text: str
    files: tuple[str, ...]


def of(octets: bytes) -> Preview:
    said = Contents(octets, scan(octets))
    return Preview(said.subject, said.text[:SHOWN].strip(), tuple(file.name for file in said.files if file.name))
