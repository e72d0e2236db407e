"""Threads that read. On SQLite each keeps a connection, so that a read costs no visit to a pool."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from mailserver.store import jobs
from mailserver.store.errors import StoreUnavailable
from mailserver.store.failures import of_database

T = TypeVar("T")
Work = Callable[[Connection], Any]
# The second argument: seconds that the caller still waits for a lock.
Read = Callable[[Work, float], Any]


class KeptConnection:
    """A connection that one thread keeps; each `read` is a transaction, so a snapshot of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._conn: Connection | None = None

    def read(self, work: Callable[[Connection], T]) -> T:
        if self._conn is None:
            self._conn = self._engine.connect()
        try:
            with self._conn.begin():
                return work(self._conn)
        except BaseException as error:
            if of_database(error):  # whatever it was, the next read begins with a new connection
                self._conn.invalidate()
                self.close()
            raise

    def close(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()


class Readers:
    """At most `count` threads, started as they are needed."""

    def __init__(self, count: int, reading: Callable[[], AbstractContextManager[Read]]) -> None:
        """reading: entered once by each thread; gives the function that it reads by."""
        self._count = count
        self._reading = reading
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle: deque[None] = deque()  # one for each thread that waits: append and pop need no lock

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a thread. Raises StoreUnavailable if none of them is free within WAIT_S."""
        waiting = _Waiting(work)
        self._queue.put(waiting)
        try:
            self._idle.pop()
        except IndexError:
            if len(self._threads) < self._count:
                self._start()
        timer = waiting.loop.call_later(jobs.WAIT_S, waiting.give_up)
        try:
            result: T = await waiting.future
        finally:
            timer.cancel()
        return result

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        thread = threading.Thread(target=self._loop, name=f"store-read-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _loop(self) -> None:
        with self._reading() as read:
            while (waiting := self._next()) is not None:
                waiting.run(read)

    def _next(self) -> _Waiting | None:
        try:
            return self._queue.get_nowait()
        except Empty:
            self._idle.append(None)
            return self._queue.get()


class _Waiting:
    """One work, and its outcome on the way back to the loop."""

    __slots__ = ("begun", "deadline", "error", "future", "loop", "result", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.begun = False
        self.deadline = time.monotonic() + jobs.WAIT_S
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()

    def run(self, read: Read) -> None:
        """Never raises: an error is for whoever waits; nothing is done if nobody does."""
        if self.future.done():
            return
        self.begun = True
        try:
            self.result = read(self.work, max(0.0, self.deadline - time.monotonic()))
        except BaseException as error:
            self.error = error
        try:
            self.loop.call_soon_threadsafe(self._settle)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def give_up(self) -> None:
        """On the loop. A read that has begun may take as long as it takes; one begun meanwhile does no harm."""
        if not self.begun and not self.future.done():
            self.future.set_exception(StoreUnavailable("the database is locked"))

    def _settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)
