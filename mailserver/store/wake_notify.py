"""Wake-ups through PostgreSQL: LISTEN / NOTIFY on connections of their own.

NOTIFY inside the writing transactions would serialise their commits (the server takes one lock for
all notifying commits), so a thread sends it afterwards, once for however many commits came meanwhile.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy import URL

_CHANNEL = "vanthu_event"
_RETRY_S = 0.5


class NotifyWake:
    """See `wake.Wake`. Survives restarts of the server; after one, listeners are woken once for safety."""

    def __init__(self, url: URL) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._token = secrets.token_hex(4)
        # What other processes have not been told of yet; the bell lets the sender look.
        self._owed = False
        self._bell = threading.Event()
        self._closing = threading.Event()
        # An octet in it ends the receiver's waiting.
        self._interrupted, self._interrupt = socket.socketpair()
        self._listeners: list[Callable[[], None]] = []
        self._starting = threading.Lock()
        self._sender: threading.Thread | None = None
        self._receiver: threading.Thread | None = None

    def announce(self) -> None:
        self._owed = True
        self._bell.set()
        if self._sender is None:
            with self._starting:
                self._sender = self._sender or _started(self._send)

    def listen(self, woken: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(woken)
        with self._starting:
            self._receiver = self._receiver or _started(self._receive)
        return lambda: self._listeners.remove(woken)

    def close(self) -> None:
        """Ends the threads, but not before what was announced has been told: a command that commits
        and exits at once is heard as soon as any other."""
        self._closing.set()
        self._bell.set()
        self._interrupt.send(b".")
        for thread in (self._sender, self._receiver):
            if thread is not None:
                thread.join()
        self._interrupt.close()
        self._interrupted.close()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)

    def _send(self) -> None:
        while not self._is_done():
            try:
                with self._connect() as connection:
                    while not self._is_done():
                        self._send_one(connection)
            except psycopg.Error:
                if self._closing.is_set():
                    return  # readers of the log look by themselves, a little later
                self._owed = True
                self._bell.set()
                self._closing.wait(_RETRY_S)

    def _send_one(self, connection: psycopg.Connection) -> None:
        if not self._closing.is_set():
            self._bell.wait()
        self._bell.clear()
        if self._owed:
            self._owed = False
            connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, self._token))

    def _is_done(self) -> bool:
        return self._closing.is_set() and not self._owed

    def _receive(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(psycopg.Error), self._connect() as connection:
                poll = select.poll()
                poll.register(connection, select.POLLIN)
                poll.register(self._interrupted, select.POLLIN)
                connection.execute(f"LISTEN {_CHANNEL}")
                self._wake()
                while not self._closing.is_set():
                    heard = [n.payload for n in connection.notifies(timeout=0)]
                    if any(payload != self._token for payload in heard):
                        self._wake()
                    if not heard:  # else more may lie in the driver already, and the socket stay silent
                        poll.poll()
            self._closing.wait(_RETRY_S)

    def _wake(self) -> None:
        for woken in tuple(self._listeners):
            woken()


def _started(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, name="store-wake", daemon=True)
    thread.start()
    return thread
