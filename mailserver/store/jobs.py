"""A piece of work on its way to a writer, and how its outcome gets back to whoever waits for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from mailserver.actor import Actor
from mailserver.store.errors import StoreUnavailable

WAIT_S = 30.0


class Job:
    """One work and its outcome. Either the writer claims it or the caller gives it up, never both."""

    __slots__ = ("_claimed", "_done", "actor", "deadline", "error", "loop", "result", "waiter", "work")

    def __init__(self, work: Callable[[Any], Any], actor: Actor) -> None:
        self.work = work
        self.actor = actor
        self.result: Any = None
        self.error: BaseException | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.waiter: asyncio.Future[Any] | None = None
        self.deadline = time.monotonic() + WAIT_S
        self._claimed = threading.Lock()
        self._done: threading.Event | None = None

    @property
    def patience(self) -> float:
        """Seconds that the caller still waits for a lock."""
        return max(0.0, self.deadline - time.monotonic())

    def claim(self) -> bool:
        """True for exactly one of writer and caller."""
        return self._claimed.acquire(blocking=False)

    def wait(self, submit: Callable[[Job], None]) -> Any:
        """Submit, and block until done. Raises StoreUnavailable if the writer is not free within WAIT_S."""
        self._done = threading.Event()
        submit(self)
        if not self._done.wait(WAIT_S):
            if self.claim():
                raise StoreUnavailable("the database is locked")
            self._done.wait()
        if self.error is not None:
            raise self.error
        return self.result

    async def await_(self, submit: Callable[[Job], None]) -> Any:
        """As `wait`, without blocking the loop. A cancelled job is dropped unless it has begun."""
        self.loop = asyncio.get_running_loop()
        self.waiter = self.loop.create_future()
        timer = self.loop.call_later(WAIT_S, self._give_up)
        submit(self)
        try:
            return await self.waiter
        except asyncio.CancelledError:
            self.claim()
            raise
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        if self.claim() and self.waiter is not None and not self.waiter.done():
            self.waiter.set_exception(StoreUnavailable("the database is locked"))

    def _settle(self) -> None:
        if self.waiter is None or self.waiter.done():
            return
        if self.error is not None:
            self.waiter.set_exception(self.error)
        else:
            self.waiter.set_result(self.result)


def _settle_all(jobs: Iterable[Job]) -> None:
    for job in jobs:
        job._settle()


def settle(jobs: Iterable[Job]) -> None:
    """Tell the callers of finished jobs: one wake-up a loop, however many they are."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if job.loop is not None:
            by_loop.setdefault(job.loop, []).append(job)
        elif job._done is not None:
            job._done.set()
    for loop, finished in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_all, finished)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue
