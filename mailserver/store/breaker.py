"""Asking a service that may be down: after a failure one asks for all, and the others are told at once.

Each request that hangs holds a thread for its whole time limit. Without this a dozen large messages would wait
for one another, a time limit each, and whoever needs a thread for something else would wait behind them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mailserver.store.errors import StoreUnavailable

# Between two attempts while the service is down.
REST_S = 1.0


class Breaker:
    """For one service, used by many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._down = False
        self._asking = False
        self._next = 0.0

    @contextmanager
    def request(self) -> Iterator[None]:
        """Around one request. Raises StoreUnavailable at once while the service is down and another asks.

        What counts as a failure is a StoreUnavailable raised inside.
        """
        alone = self._enter()
        try:
            yield
        except StoreUnavailable:
            with self._lock:
                self._down, self._next = True, self._clock() + REST_S
            raise
        else:
            self._down = False
        finally:
            if alone:
                self._asking = False

    def _enter(self) -> bool:
        """Whether this request is the one that asks for all."""
        with self._lock:
            if not self._down:
                return False
            if self._asking or self._clock() < self._next:
                raise StoreUnavailable("blob store: it has just failed")
            self._asking = True
            return True
