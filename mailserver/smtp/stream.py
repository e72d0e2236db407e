"""The octets of one connection: lines and chunks in, replies out, time, errors.

Built on aiosmtpd's protocol class, whose reading and writing is replaced for three reasons. Replies to
pipelined commands go out together (RFC 2920 §3.2) instead of one packet each. The timer counts silence
and too slow data, not the length of a transfer. And a client that closes its half after the last dot
still gets its answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import TYPE_CHECKING, ClassVar

from aiosmtpd.smtp import SMTP, Session

from mailserver.descriptors import is_one_of_the_last
from mailserver.smtp import replies
from mailserver.smtp.data import Body
from mailserver.smtp.transaction import Transaction

if TYPE_CHECKING:
    from mailserver.smtp.door import Door

log = logging.getLogger(__name__)

CHUNK = 128 * 1024
# RFC 4954 §4 asks for 12,288 octets in AUTH; all other commands are far shorter.
MAX_COMMAND = 12_288
# Replies that may pile up before they are written, pipelined input or not.
MAX_REPLIES = 250


class Hangup(Exception):
    """End the connection once what was pushed has been written."""


class Stream(SMTP):
    """The reading, writing and timing half of a session."""

    session: Session
    envelope: Transaction
    transport: asyncio.Transport | None
    # The flow control of the stream reader, not a limit for lines: there is none in DATA.
    line_length_limit = CHUNK
    _commands: ClassVar[list[str]] = []

    def __init_subclass__(cls) -> None:
        cls._commands = [name for name in dir(cls) if name.startswith("smtp_")]

    def __init__(self, door: Door) -> None:
        settings = door.settings
        super().__init__(
            None,
            data_size_limit=settings.size_limit,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,
            ident="Vanthu",
            timeout=settings.idle_timeout,
            loop=asyncio.get_running_loop(),
        )
        self.door = door
        self.peer = ""
        self.trusted = False
        self.busy = False
        self._admitted = False
        self._is_one_too_many = False
        self._input = b""
        self._at = 0
        self._replies: list[bytes] = []
        self._errors = 0
        self._junk = 0
        self._silent_since: float | None = None
        # Since when a command is waited for; one that comes octet by octet has no longer than one that does not.
        self._command_since: float | None = None
        self._decoder: Body | None = None
        self._data_since = 0.0

    def __dir__(self) -> list[str]:
        """The commands alone: aiosmtpd looks through all attributes of each new connection for them,
        which made up three quarters of what a connection costs."""
        return self._commands

    # -- asyncio protocol ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) else ""
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._is_one_too_many = is_one_of_the_last(sock)
        self.trusted = self.door.settings.trusts(self.peer)
        self._admitted = self.trusted or self.door.admit(self.peer)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._admitted and not self.trusted:
            self.door.release(self.peer)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The client sends no more; what it asked for is still answered."""
        return bool(asyncio.StreamReaderProtocol.eof_received(self))

    def _create_envelope(self) -> Transaction:
        return Transaction()

    def _forget_transaction(self) -> None:
        """RSET, a new hello, the end of DATA."""
        self.envelope = self._create_envelope()

    # -- time ------------------------------------------------------------------------------------

    def _reset_timeout(self, duration: float | None = None) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_later(duration or self._timeout_duration, self._timeout_cb)

    def _timeout_cb(self) -> None:
        """Close if the client has been silent, or its data slow, for too long; else look again later."""
        now = self.loop.time()
        deadline = self._deadline(now)
        if deadline > now:
            self._reset_timeout(deadline - now)
            return
        log.info("%s timed out", self.peer)
        if self.transport is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self.transport.write(replies.TIMED_OUT.encode() + b"\r\n")
            self.transport.close()

    def _deadline(self, now: float) -> float:
        idle = self._timeout_duration
        if self._silent_since is None:
            return float(now + idle)
        deadline = (self._silent_since if self._command_since is None else self._command_since) + idle
        if self._decoder is not None:
            allowance = idle + self._decoder.received / self.door.settings.min_data_rate
            deadline = min(deadline, self._data_since + allowance)
        return float(deadline)

    def _data_begins(self, decoder: Body) -> None:
        self._decoder = decoder
        self._data_since = self.loop.time()

    def _data_ended(self) -> None:
        self._decoder = None

    # -- input -----------------------------------------------------------------------------------

    async def _fill(self) -> bool:
        """Write what is due, then wait for more octets; False if none will come."""
        # Before the wait: an idle connection holds no octets that have been dealt with.
        self._input, self._at = self._input[self._at :], 0
        chunk = await self._next_chunk()
        self._input += chunk
        return bool(chunk)

    async def _next_chunk(self) -> bytes:
        """Octets as they come, b"" at the end; the input buffer is not touched."""
        await self._flush()
        self._silent_since = self.loop.time()
        try:
            chunk: bytes = await self._reader.read(CHUNK)
        finally:
            self._silent_since = None
        return chunk

    def _take_line(self) -> bytes | None:
        """The next line without its end, None if it is not there yet."""
        end = self._input.find(b"\n", self._at)
        if end < 0:
            return None
        line = self._input[self._at : end]
        self._at = end + 1
        return line.removesuffix(b"\r")

    async def _read_line(self) -> bytes | None:
        """The next line; None once the client has gone. Lines that are too long are answered here."""
        while True:
            overlong = False
            self._command_since = self.loop.time()
            while (line := self._take_line()) is None:
                if len(self._input) - self._at > MAX_COMMAND:
                    overlong = True
                    self._at = len(self._input)
                if not await self._fill():
                    return None
            self._command_since = None
            if not overlong and len(line) <= MAX_COMMAND:
                return line
            await self.push(replies.LINE_TOO_LONG)

    # -- output ----------------------------------------------------------------------------------

    async def push(self, status: str | bytes) -> None:
        """Queue one reply line; it is written before the next wait for input.

        A reply that tells the client of its mistake counts against it: from `soft_errors` on it is
        held back for a while, at `hard_errors` the connection ends.
        """
        octets = status.encode() if isinstance(status, str) else status
        self._replies.append(octets + b"\r\n")
        if octets.startswith(b"5"):
            await self._count_error()
        if len(self._replies) > MAX_REPLIES:
            await self._flush()

    async def _flush(self) -> None:
        if self._replies:
            octets, self._replies = b"".join(self._replies), []
            self._writer.write(octets)
            await self._writer.drain()

    async def _count_error(self) -> None:
        settings = self.door.settings
        self._errors += 1
        if self._errors >= settings.hard_errors:
            self._replies.append(replies.TOO_MANY_ERRORS.encode() + b"\r\n")
            raise Hangup
        if self._errors > settings.soft_errors:
            await asyncio.sleep(settings.error_delay)

    def _forgive_error(self) -> None:
        """The last reply was no mistake of the client's."""
        self._errors -= 1
