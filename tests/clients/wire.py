"""A wire between a client and a plain door that remembers what the client says and can hold it up.

It is how changes come from elsewhere in the middle of a client's work, at a place and not at a time.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator

Action = Callable[[], None]


class Wire:
    """Listens at `port`. Make it with `Wire.to`."""

    def __init__(self, door: int) -> None:
        self._door = door
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._said = bytearray()
        self._waiting: list[tuple[re.Pattern[bytes], Action]] = []
        self._failures: list[Exception] = []
        self._threads: list[threading.Thread] = []

    @classmethod
    @contextlib.contextmanager
    def to(cls, door: int) -> Iterator[Wire]:
        """A wire to a port of the loopback. Raises at the end what an action has raised."""
        wire = cls(door)
        wire._start(wire._accept)
        try:
            yield wire
        finally:
            wire._listener.shutdown(socket.SHUT_RDWR)
            wire._listener.close()
            for thread in wire._threads:
                thread.join()
        if wire._failures:
            raise wire._failures[0]
        assert not wire._waiting, f"the client never said {wire._waiting[0][0].pattern!r}"

    def when(self, said: bytes, action: Action) -> None:
        """Do this once, after a client has said something and before the server hears it."""
        with self._lock:
            self._waiting.append((re.compile(said), action))

    def heard(self) -> bytes:
        """All that clients have said since the last time."""
        with self._lock:
            said, self._said = bytes(self._said), bytearray()
        return said

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, name="wire")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._door))
                self._start(self._towards_server, client, server)
                self._start(self._towards_client, client, server)

    def _towards_server(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            begun = b""  # the line that is not complete yet
            while octets := client.recv(1 << 16):
                begun += octets
                due = self._due(begun, octets)
                begun = begun[begun.rfind(b"\n") + 1 :]
                for action in due:
                    try:
                        action()
                    except Exception as failure:
                        self._failures.append(failure)
                server.sendall(octets)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _due(self, lines: bytes, new: bytes) -> list[Action]:
        with self._lock:
            self._said += new
            due = [(pattern, action) for pattern, action in self._waiting if pattern.search(lines)]
            self._waiting = [one for one in self._waiting if one not in due]
        return [action for _pattern, action in due]

    def _towards_client(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while octets := server.recv(1 << 16):
                client.sendall(octets)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
