"""Whose turn it is to write a SQLite database, among processes: two flocks, waited for in the kernel.

SQLite's own lock is polled with sleeps of up to 100 ms. flock wakes the waiter at once, but hands
nothing over: a busy holder would take it again before the waiter runs. So whoever wants to write
first takes the turnstile, waits there for the writer's lock, and then leaves the turnstile to the next.
A process that dies lets go of both.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Exclusion:
    """A context manager, held while a transaction is open. One thread of a process uses it."""

    def __init__(self, database: Path) -> None:
        """database: the SQLite file; the two lock files stand beside it."""
        self._turnstile = _open(database.with_name(database.name + ".turnstile"))
        self._writer = _open(database.with_name(database.name + ".writer"))

    def __enter__(self) -> None:
        fcntl.flock(self._turnstile, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._writer, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._turnstile, fcntl.LOCK_UN)

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._writer, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._turnstile)
        os.close(self._writer)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
