"""Wake-ups through PostgreSQL: LISTEN / NOTIFY on connections of their own.

NOTIFY inside the writing transactions would serialise their commits (the server takes one lock for
all notifying commits), so a thread sends it afterwards, once for however many commits came meanwhile.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy import URL

_CHANNEL = "vanthu_event"
_RETRY_S = 0.5
_POLL_S = 0.5


class NotifyWake:
    """See `wake.Wake`. Survives restarts of the server; after one, listeners are woken once for safety."""

    def __init__(self, url: URL) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._token = secrets.token_hex(4)
        self._pending = threading.Event()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._start_lock = threading.Lock()
        self._sending = False

    def announce(self) -> None:
        self._pending.set()
        if not self._sending:
            with self._start_lock:
                if not self._sending:
                    self._sending = True
                    self._start(self._send)

    def listen(self, woken: Callable[[], None]) -> None:
        self._start(lambda: self._receive(woken))

    def close(self) -> None:
        self._closing.set()
        self._pending.set()
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="store-wake", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)

    def _send(self) -> None:
        while not self._closing.is_set():
            try:
                with self._connect() as connection:
                    while self._pending.wait() and not self._closing.is_set():
                        self._pending.clear()
                        connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, self._token))
            except psycopg.Error:
                self._pending.set()
                self._closing.wait(_RETRY_S)

    def _receive(self, woken: Callable[[], None]) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(psycopg.Error), self._connect() as connection:
                connection.execute(f"LISTEN {_CHANNEL}")
                woken()
                while not self._closing.is_set():
                    heard = [n.payload for n in connection.notifies(timeout=_POLL_S, stop_after=1)]
                    if any(payload != self._token for payload in heard):
                        woken()
            self._closing.wait(_RETRY_S)
