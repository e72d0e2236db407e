"""The octets of a message that comes in chunks: counted, never searched for an end (RFC 3030 §2). No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailserver.smtp.replies import Answer
from mailserver.smtp.spool import Spool


class Chunks:
    """Passes octets on until `limit` of them have been written; what follows is only counted.

    `too_large`, `bare`, `received`: as of `data.DataDecoder`. A dot at the start of a line means nothing
    here. A bare CR or LF is noticed all the same: without BINARYMIME the message is one of lines, and
    the next server may get it by DATA.
    """

    def __init__(self, write: Callable[[bytes], object], limit: int) -> None:
        self.too_large = False
        self.bare = False
        self.received = 0
        self._write = write
        self._room = limit
        self._ends_in_cr = False

    def expect(self, octets: int) -> None:
        """A chunk of this size comes next; of one that cannot fit nothing is written."""
        self.too_large = self.too_large or octets > self._room

    def feed(self, octets: bytes) -> None:
        self.received += len(octets)
        self.expect(len(octets))
        if self.too_large or not octets:
            return
        self._room -= len(octets)
        self._look_at(b"\r" + octets if self._ends_in_cr else octets)
        self._write(octets)

    def end(self) -> None:
        """That was the last chunk."""
        self.bare = self.bare or self._ends_in_cr

    def _look_at(self, block: bytes) -> None:
        self._ends_in_cr = block.endswith(b"\r")
        pairs = block.count(b"\r\n")
        if block.count(b"\n") != pairs or block.count(b"\r") - self._ends_in_cr != pairs:
            self.bare = True


@dataclass(slots=True)
class Chunked:
    """A message of which some chunks are here. refused: why the rest of it is read and dropped."""

    spool: Spool
    body: Chunks
    refused: Answer | None = None
