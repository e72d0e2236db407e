"""One TCP connection: buffered reading with limits, writing with back-pressure, STARTTLS.

Reading stops at READ_AHEAD octets that nobody has asked for, writing waits at WRITE_HIGH octets that
the peer has not taken; so neither a flood nor a stalled reader holds memory.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

from mailserver.imap.clock import Clock, Timer

READ_AHEAD = 128 * 1024
WRITE_HIGH = 256 * 1024
WRITE_LOW = 64 * 1024
KEPT = 64  # octets kept of each end of a line that is too long: the tag, and a literal's marker


class PeerGone(Exception):
    """The peer closed the connection, reset it, or did not take our octets in time."""


class Interrupted(Exception):
    """The server wants this conversation to end; the reason is for the peer."""

    def __init__(self, reason: str, code: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class LineTooLong(Exception):
    """A line over the limit, read to its end and dropped. head, tail: its first and last octets."""

    def __init__(self, head: bytes, tail: bytes) -> None:
        super().__init__("line too long")
        self.head = head
        self.tail = tail


class Connection(asyncio.Protocol):
    """A connection as the conversation uses it: only one coroutine reads at a time."""

    __slots__ = (
        "_buffer", "_can_write", "_clock", "_eof", "_interrupt", "_on_made", "_paused", "_scanned",
        "_waiter", "_write_timeout", "peer", "transport",
    )  # fmt: skip

    def __init__(self, clock: Clock, write_timeout: float, on_made: Callable[[Connection], None]) -> None:
        self._clock = clock
        self._write_timeout = write_timeout
        self._on_made = on_made
        self._buffer = bytearray()
        self._scanned = 0
        self._waiter: asyncio.Future[None] | None = None
        self._can_write: asyncio.Future[None] | None = None
        self._eof = False
        self._paused = False
        self._interrupt: Interrupted | None = None
        self.peer = ""
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(WRITE_HIGH, WRITE_LOW)
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None and raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = transport.get_extra_info("peername")
        self.peer = name[0] if isinstance(name, tuple) else ""
        self._on_made(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > READ_AHEAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self.poke()

    def eof_received(self) -> bool:
        self._eof = True
        self.poke()
        return not self.is_tls  # a half-closed peer still gets the answers to what it sent

    def connection_lost(self, exc: Exception | None) -> None:
        self._eof = True
        self.poke()
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._can_write is None:
            self._can_write = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._can_write is not None and not self._can_write.done():
            self._can_write.set_result(None)
        self._can_write = None

    # What the conversation calls.

    @property
    def is_tls(self) -> bool:
        return self.transport.get_extra_info("ssl_object") is not None

    def interrupt(self, reason: str, code: bytes = b"") -> None:
        """End the conversation at its next wait for input."""
        self._interrupt = Interrupted(reason, code)
        self.poke()

    def poke(self) -> None:
        """Let a waiting `wait` return."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, seconds: float, more: bool = False) -> None:
        """Return when octets came, or after `poke`. Raises TimeoutError, PeerGone, Interrupted.

        more: what has come in is not enough, whoever waits keeps it small.
        """
        self._check()
        waiter = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        if self._paused and (more or len(self._buffer) <= READ_AHEAD):
            self._paused = False
            self.transport.resume_reading()
        timer: Timer = self._clock.call_later(seconds, lambda: _expire(waiter))
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None
        if not self._buffer:
            self._check()

    def _check(self) -> None:
        if self._interrupt is not None:
            raise self._interrupt
        if self._eof:
            raise PeerGone

    def has_line(self) -> bool:
        return b"\n" in self._buffer

    def buffered(self) -> int:
        """Octets that came in and were not read yet."""
        return len(self._buffer)

    async def line(self, limit: int, seconds: float) -> bytes:
        """One line without its CRLF (a bare LF is taken too).

        Raises LineTooLong above `limit` octets, after dropping the line; at most one line's limit is
        ever held. Raises as `wait`; `seconds` is the longest silence.
        """
        while (end := self._buffer.find(b"\n", self._scanned)) < 0:
            self._scanned = len(self._buffer)
            if self._scanned > limit + 1:
                head = bytes(self._buffer[:KEPT])
                raise LineTooLong(head, await self._drop_line(seconds))
            await self.wait(seconds, more=True)
        line = bytes(self._buffer[:end])
        self._consume(end + 1)
        line = line[:-1] if line.endswith(b"\r") else line
        if len(line) > limit:
            raise LineTooLong(line[:KEPT], line[-KEPT:])
        return line

    async def _drop_line(self, seconds: float) -> bytes:
        """The last octets of the line, the same ones however it came: a marker among them counts."""
        kept, tail = KEPT + 1, b""  # with the CR
        while (end := self._buffer.find(b"\n")) < 0:
            tail = (tail + bytes(self._buffer[-kept:]))[-kept:]
            self._consume(len(self._buffer))
            await self.wait(seconds)
        tail = (tail + bytes(self._buffer[max(0, end - kept) : end]))[-kept:]
        self._consume(end + 1)
        return tail.removesuffix(b"\r")[-KEPT:]

    async def piece(self, limit: int, seconds: float) -> bytes:
        """Between 1 and `limit` octets, as they come. Raises as `wait`."""
        while not self._buffer:
            await self.wait(seconds)
        piece = bytes(self._buffer[:limit])
        self._consume(len(piece))
        return piece

    def _consume(self, octets: int) -> None:
        del self._buffer[:octets]
        self._scanned = 0

    def write(self, data: bytes) -> None:
        """Queue octets; follow with `drain` before writing much more."""
        if not self.transport.is_closing():
            self.transport.write(data)

    async def drain(self) -> None:
        """Wait until the peer has taken enough. Raises PeerGone when it is gone or takes too long."""
        if self.transport.is_closing():
            raise PeerGone
        waiter = self._can_write
        if waiter is None:
            return
        timer = self._clock.call_later(self._write_timeout, lambda: _expire(waiter))
        try:
            await asyncio.shield(waiter)
        except TimeoutError:
            self.transport.abort()
            raise PeerGone from None
        finally:
            timer.cancel()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Turn to TLS, forgetting what came in the clear before (CVE-2011-0411, CVE-2021-33515)."""
        self._consume(len(self._buffer))
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self.transport, self, context, server_side=True, ssl_handshake_timeout=60)
        if transport is None:
            raise PeerGone
        self.transport = transport
        self.transport.set_write_buffer_limits(WRITE_HIGH, WRITE_LOW)

    def close(self) -> None:
        self.transport.close()

    def abort(self) -> None:
        self.transport.abort()


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
