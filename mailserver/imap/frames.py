"""Reading one command: its lines and literals, within limits, without understanding it.

A literal that is refused is never parsed as commands: a synchronising one is not invited, a
non-synchronising one (RFC 7888) is read and dropped, and the rest of its command with it
(stalwart #2768; Dovecot ran the content of `{5+}` after an unknown command).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mailserver.imap import responses
from mailserver.imap.connection import KEPT, Connection, Interrupted, LineTooLong
from mailserver.imap.literals import SPOOL_ABOVE, Literal, MemoryLiteral, SpooledLiteral
from mailserver.imap.responses import Reply
from mailserver.store.errors import StoreError

# Whatever stands in front of it: no other token may end a line like this, and taking what follows for
# commands is the worse mistake.
_MARKER = re.compile(rb"\{([0-9]{1,30})([+-]?)\}$")
# Commands that name messages: a client may have to name thousands of them one by one.
_NAMING = re.compile(rb"[^ ]{1,200} +(?:UID +)?(?:FETCH|STORE|COPY|MOVE|EXPUNGE|SEARCH|SORT|THREAD) ", re.I)
DROP_LIMIT = 1 << 30  # octets of a refused literal that are worth reading over
MAX_LITERALS = 1000  # literals of one command
KEEP_TOGETHER = 2 * 1024 * 1024  # octets of one command's literals in memory
PIECE = 64 * 1024


class LiteralGate(Protocol):
    """Says whether a literal may come in, and what a peer is told when it could not be kept."""

    def admit(self, frame: Frame, size: int) -> Reply | None:
        """None to take a literal of `size` octets behind the command so far, or the refusal."""
        ...

    def not_kept(self, error: StoreError) -> Reply: ...


@dataclass(slots=True)
class Frame:
    """A command as read. data: its lines joined, literal markers kept. literals: by the offset where
    their marker ends. refusal: set if it was not taken in whole; the rest is then not to be used.

    held: octets of all literals together. checked: how far a gate has read `data`, which it need not
    read again for the next literal.
    """

    data: bytes
    literals: dict[int, Literal] = field(default_factory=dict)
    refusal: Reply | None = None
    held: int = 0
    checked: int = 0

    def close(self) -> None:
        for literal in self.literals.values():
            if isinstance(literal, SpooledLiteral):
                literal.close()


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """line, naming: octets of all lines of one command, and of one that names messages. idle, literal: seconds of
    silence, between commands and inside one. spool: the folder for files of large literals, None for the system's
    own."""

    line: int
    naming: int
    idle: float
    literal: float
    spool: Path | None = None


async def read_frame(connection: Connection, gate: LiteralGate, limits: ReadLimits) -> Frame:
    """The next command. Raises as `Connection.wait`; a partial command then leaves nothing behind."""
    reader = _FrameReader(connection, gate, limits)
    try:
        return await reader.read()
    except BaseException:
        reader.frame.close()
        raise


class _FrameReader:
    def __init__(self, connection: Connection, gate: LiteralGate, limits: ReadLimits) -> None:
        self.connection = connection
        self.gate = gate
        self.limits = limits
        self.frame = Frame(b"")
        self.in_memory = 0

    async def read(self) -> Frame:
        frame = self.frame
        line = await self._line(self.limits.idle)
        while True:
            frame.data += line
            marker = _MARKER.search(line)
            if marker is None:
                return frame
            size, synchronising = int(marker.group(1)), not marker.group(2)
            if frame.refusal is None:
                frame.refusal = self._refusal(size)
            if frame.refusal is None:
                await self._take(size, synchronising)
            elif synchronising:
                return frame
            else:
                await self._drop(size)
            line = await self._line(self.limits.literal)

    def _refusal(self, size: int) -> Reply | None:
        if len(self.frame.literals) >= MAX_LITERALS:
            return responses.bad("Too many literals")
        return self.gate.admit(self.frame, size)

    async def _line(self, seconds: float) -> bytes:
        before = len(self.frame.data)
        try:
            line = await self.connection.line(max(self.limits.naming - before, 0), seconds)
            if before + len(line) > self.limits.line and not _NAMING.match(self.frame.data or line):
                raise LineTooLong(line[:KEPT], line[-KEPT:])
        except LineTooLong as error:
            self.frame.refusal = self.frame.refusal or responses.bad("Command line is too long")
            # The tag is kept for the answer, the end to see whether a literal must be read over.
            self.frame.data = self.frame.data[:KEPT] or error.head
            return b" " + error.tail
        return line

    async def _take(self, size: int, synchronising: bool) -> None:
        if synchronising:
            self.connection.write(b"+ OK\r\n")
        small = size <= SPOOL_ABOVE and self.in_memory + size <= KEEP_TOGETHER
        if small:
            self.in_memory += size
            self.frame.literals[len(self.frame.data)] = await self._keep(size)
        else:
            await self._spool(size)
        self.frame.held += size

    async def _keep(self, size: int) -> MemoryLiteral:
        content = bytearray()
        while len(content) < size:
            content += await self.connection.piece(size - len(content), self.limits.literal)
        return MemoryLiteral(bytes(content))

    async def _spool(self, size: int) -> None:
        """Into a file; if that fails the rest of it is dropped, for the peer sends it all the same."""
        spool = SpooledLiteral(self.limits.spool)
        self.frame.literals[len(self.frame.data)] = spool  # closed with the frame, whatever happens
        left = size
        while left:
            piece = await self.connection.piece(min(PIECE, left), self.limits.literal)
            left -= len(piece)
            try:
                await spool.write(piece)
            except StoreError as error:
                self.frame.refusal = self.gate.not_kept(error)
                await self._drop(left)
                return

    async def _drop(self, size: int) -> None:
        if size > DROP_LIMIT:
            raise Interrupted("Literal is too large", b"TOOBIG")
        while size > 0:
            size -= len(await self.connection.piece(min(PIECE, size), self.limits.literal))
