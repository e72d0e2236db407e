"""Who works on a data folder: one server, or one restore."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from deploy.config import Settings
from deploy.lang import t

# A server that was killed a moment ago may still hold the lock through its dying children.
PATIENCE_S = 5.0


class AlreadyRunning(Exception):
    """Another server works on this data folder; the text is for the administrator."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder. Forked children inherit the lock: it lasts as long as any of them.

    Raises AlreadyRunning.
    """
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    pid_file = settings.run_dir / "vanthu.pid"
    # Never deleted: who waits for the lock and who comes later must mean the same file.
    with (settings.run_dir / "vanthu.lock").open("a", encoding="ascii") as handle:
        _acquire(handle, str(settings.data_dir))
        pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
        try:
            yield
        finally:
            pid_file.unlink(missing_ok=True)


def _acquire(handle: TextIO, folder: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            if time.monotonic() >= deadline:
                raise AlreadyRunning(
                    t(f"Đã có máy chủ khác chạy trên {folder}.", f"Another server is running on {folder}.")
                ) from fault
            time.sleep(0.05)


def is_held(settings: Settings) -> bool:
    """Whether a server, or a restore, works on the data folder at this moment."""
    path = settings.run_dir / "vanthu.lock"
    if not path.exists():
        return False
    with path.open("a", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
