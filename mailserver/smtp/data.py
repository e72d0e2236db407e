"""The octets after 354: find the end, undo the dots, notice what must not be there (RFC 5321 §4.5.2).

No I/O. A chunk may be cut anywhere; work is done on whole chunks with the operations of `bytes`, so
that ten megabytes take some tens of milliseconds and one endless line costs no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

END = b"\r\n.\r\n"
# What a chunk may end with while the end of data, or a dot to undo, is still undecided.
UNDECIDED = (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r")


class Body(Protocol):
    """A message coming in, as those who judge it see it; for the words see `DataDecoder`."""

    too_large: bool
    bare: bool
    received: int


class DataDecoder:
    """Undoes the transparency of DATA and tells where it ends.

    write: called with decoded octets, in order, until `limit` octets have been written.
    limit: octets to write at most; what follows is still followed to its end, so that nothing in it
    can be taken for a command.

    `too_large`: the message went over the limit; what was written is not the whole of it.
    `bare`: a CR or LF stood alone. Only CRLF.CRLF ends the data, so it can hide no second message.
    `received`: octets taken so far, dots and end included.
    """

    def __init__(self, write: Callable[[bytes], object], limit: int) -> None:
        self.too_large = False
        self.bare = False
        self.received = 0
        self._write = write
        self._room = limit
        # The line end of the DATA command itself: a dot may be the very first octet.
        self._held = b"\r\n"
        self._virtual = 2

    def feed(self, chunk: bytes) -> bytes | None:
        """Take the next octets; returns what follows the end of data, None if it is not reached."""
        self.received += len(chunk)
        data = self._held + chunk
        # Looking for one octet is ten times as quick as looking for five; base64 has no dots at all.
        dotted = b"." in data
        end = data.find(END) if dotted else -1
        if end < 0:
            self._hold_back(data, dotted)
            return None
        self._take(data[: end + 2], dotted)
        rest = data[end + len(END) :]
        self.received -= len(rest)
        return rest

    def _hold_back(self, data: bytes, dotted: bool) -> None:
        self._held = next((tail for tail in UNDECIDED if data.endswith(tail)), b"")
        self._take(data[: len(data) - len(self._held)] if self._held else data, dotted)

    def _take(self, block: bytes, dotted: bool) -> None:
        """Write one block that begins where the last one ended and ends in nothing undecided."""
        pairs = block.count(b"\r\n")
        if block.count(b"\n") != pairs or block.count(b"\r") != pairs:
            self.bare = True
        plain = block.replace(b"\r\n.", b"\r\n") if dotted else block
        if self._virtual and plain:
            plain = plain[self._virtual :]
            self._virtual = 0
        if len(plain) > self._room:
            self.too_large = True
        if self.too_large or not plain:
            return
        self._room -= len(plain)
        self._write(plain)


def normalise(data: bytes) -> bytes:
    """The message with every bare CR and bare LF made a line end; for senders that are known.

    A submission server may mend what a client wrote wrong (RFC 6409 §8).
    """
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
