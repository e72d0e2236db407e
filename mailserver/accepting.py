"""Taking connections from a socket that several processes share, so that each gets its part of them.

All are woken when a connection comes, and an event loop by itself takes whatever waits: of ten that came at once
one process got nine as often as not, and served them on one processor while another had little to do. Here a
process takes one at a time, and who has lately taken more than another lets that one go first for a moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import mmap
import socket
import ssl
from collections.abc import Callable

import structlog

# Seconds for which a process that has lately taken more connections than another leaves a new one to that one.
YIELD_S = 0.002
# Seconds for which a connection counts, open or not: what comes at once is shared, and whoever is new in the place
# of one that died does not get all that come until it has as many.
LATELY_S = 5.0
# Seconds until the next try after the system had no descriptor or memory left.
PAUSE_S = 1.0
HANDSHAKE_S = 60.0
_EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_NUMBER = 4  # octets

_log = structlog.get_logger()


class Loads:
    """How many connections each of some processes has lately taken, in memory that they share: make it before they
    are forked.

    A process that dies leaves its number behind until the next one in its place begins with nothing; who goes by it
    loses YIELD_S a connection.
    """

    def __init__(self, processes: int) -> None:
        self._memory = mmap.mmap(-1, max(processes, 1) * _NUMBER)
        self.processes = processes

    def place(self, number: int) -> Load:
        """That of the process with this number, from 0 on; it has taken none yet."""
        return Load(memoryview(self._memory).cast("I"), number)


class Load:
    """What one process has lately taken, beside the others."""

    def __init__(self, counts: memoryview, number: int) -> None:
        self._counts = counts
        self._number = number
        counts[number] = 0

    def add(self) -> None:
        self._counts[self._number] += 1

    def forget(self) -> None:
        """Count one less."""
        self._counts[self._number] -= 1

    @property
    def is_ahead(self) -> bool:
        """Whether another process has taken fewer."""
        return min(self._counts) < self._counts[self._number]


def alone() -> Load:
    """For a process that shares its sockets with no other."""
    return Loads(1).place(0)


class Listener:
    """One listening socket of a process, on its event loop."""

    def __init__(
        self,
        sock: socket.socket,
        factory: Callable[[], asyncio.BaseProtocol],
        load: Load,
        backlog: int,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Listen and accept from now on. factory: makes what serves one connection. load: of all listeners of this
        process together. context: for TLS from the first octet."""
        self._sock = sock
        self._factory = factory
        self._load = load
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[None]] = set()
        self._closed = False
        sock.setblocking(False)
        sock.listen(backlog)
        self._loop.add_reader(sock, self._on_ready)

    def close(self) -> None:
        """Accept no more; connections that have begun go on. Any number of times."""
        if self._closed:
            return
        self._closed = True
        if self._timer is None:
            self._loop.remove_reader(self._sock)
        else:
            self._timer.cancel()
        self._sock.close()

    def _on_ready(self) -> None:
        if self._load.is_ahead:
            self._wait(YIELD_S)
        else:
            self._accept()

    def _wait(self, seconds: float) -> None:
        """Look away for a while; then take one, whoever has more."""
        self._loop.remove_reader(self._sock)
        self._timer = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._timer = None
        self._loop.add_reader(self._sock, self._on_ready)
        self._accept()

    def _accept(self) -> None:
        try:
            connection, _ = self._sock.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process was quicker, or the peer has gone
        except OSError as error:
            _log.error("accept_failed", error=repr(error))
            if error.errno in _EXHAUSTED:
                self._wait(PAUSE_S)
            return
        self._load.add()
        self._loop.call_later(LATELY_S, self._load.forget)
        connection.setblocking(False)
        task = self._loop.create_task(self._begin(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket.socket) -> None:
        """Hand the connection over to its protocol; a peer that breaks off its TLS handshake is no news."""
        timeout = None if self._context is None else HANDSHAKE_S
        try:
            with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
                await self._loop.connect_accepted_socket(
                    self._factory, connection, ssl=self._context, ssl_handshake_timeout=timeout
                )
        except Exception:
            _log.exception("connection_failed")
