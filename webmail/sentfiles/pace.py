"""How often an address, or a link, may be asked for in a while. In memory, each process for itself."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

# Who has many addresses is to cost memory no more than this many entries.
MOST_KEPT = 20_000


class Pace:
    """Counts in windows of so many seconds; safe between threads. Who asks longest ago is forgotten first."""

    def __init__(self, most: int, seconds: int) -> None:
        self._most, self._seconds = most, seconds
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def allows(self, key: str, now: datetime) -> bool:
        """Count one more; whether it is within what is allowed."""
        window = int(now.timestamp()) // self._seconds
        with self._lock:
            seen, count = self._counts.get(key, (window, 0))
            count = count + 1 if seen == window else 1
            self._counts[key] = (window, count)
            self._counts.move_to_end(key)
            if len(self._counts) > MOST_KEPT:
                self._counts.popitem(last=False)
        return count <= self._most
