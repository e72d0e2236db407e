"""How often something may happen: so many times in a while for each key, and then as it drains."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

# What is remembered of the busiest strangers; the one that has been silent longest makes room.
MAX_KEYS = 20_000


class Pace:
    """A leaky bucket for each key.

    most: how many at once, and within `period` seconds in the long run. Memory is bounded by MAX_KEYS. Each process
    counts for itself; safe between threads.
    """

    def __init__(self, most: int, period: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._drained = most / period  # a second
        self._clock = clock
        self._lock = threading.Lock()
        self._filled: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, key: object) -> bool:
        """Count one more for `key`; False, and not counted, if that would be too many."""
        now = self._clock()
        with self._lock:
            filled, since = self._filled.pop(key, (0.0, now))
            filled = max(0.0, filled - max(0.0, now - since) * self._drained)
            may = filled + 1 <= self.most
            self._filled[key] = (filled + 1 if may else filled, now)
            if len(self._filled) > MAX_KEYS:
                self._filled.popitem(last=False)
        return may
