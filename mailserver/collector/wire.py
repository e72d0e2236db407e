"""aioimaplib's connection with what it lacks: it tells when it is lost, and it reads only so much.

The library leaves commands waiting when the peer hangs up, and keeps whatever a server sends.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any

from aioimaplib import aioimaplib

# Octets that any answer but a message may have.
SMALL = 4 * 1024 * 1024

# At DEBUG the library writes passwords and whole messages.
logging.getLogger("aioimaplib").setLevel(logging.WARNING)


class Protocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """One connection. lost: done when it is gone. news: set when the server tells of new mail, at any time."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None, conn_lost_cb: Callable[..., None] | None = None) -> None:
        super().__init__(loop, conn_lost_cb)
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.news = asyncio.Event()
        self._room = SMALL

    def allow(self, octets: int) -> None:
        """So much may come until the next call."""
        self._room = octets

    def data_received(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            self.transport.abort()
            return
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.lost.done():
            self.lost.set_result(None)

    def _untagged_response(self, line: bytes) -> Any:
        if line.endswith(b" EXISTS"):
            self.news.set()
        return super()._untagged_response(line)


class Client(aioimaplib.IMAP4):  # type: ignore[misc]
    """The library's client over `Protocol`."""

    protocol: Protocol

    def give_up(self, task: asyncio.Future[Any]) -> None:
        """Leave a piece of work; `close_now` sees to its end.

        It cannot be waited for before: cancelled in `wait_hello_from_server` it wants a lock that another
        task of the library holds for as long as the server is silent.
        """
        task.cancel()
        self._left.add(task)

    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[..., None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        running = asyncio.get_running_loop()
        self._left: set[asyncio.Future[Any]] = set()
        self.protocol = Protocol(running, conn_lost_cb)
        connecting = running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        self._client_task = running.create_task(connecting)

    async def close_now(self) -> None:
        """Drop the connection and everything that waits for it."""
        if self._idle_waiter is not None:
            self._idle_waiter.cancel()
        if self.protocol.transport is not None:
            self.protocol.transport.abort()
        waiting = {self._client_task, *self.tasks, *self.protocol.tasks, *self._left}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
