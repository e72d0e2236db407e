"""Waking readers of the event log in other processes. A wake-up carries no facts and may be lost:
readers go by their cursor, and look by themselves now and then (`events`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL

from mailserver.store.sqlite import file_of
from mailserver.store.wake_sockets import SocketWake

# See `Database`. A busy writer announces hundreds of commits a second; waking for each would cost more than they do.
PACE_S = 0.02


class Wake(Protocol):
    """Both directions of the wake-up, for one process."""

    def announce(self) -> None:
        """Wake the other processes; called in a writing thread after a commit, never blocks, never raises."""

    def listen(self, woken: Callable[[], None]) -> Callable[[], None]:
        """Call `woken`, in a thread of the wake's own, when another process announces; returns the undoing."""

    def close(self) -> None: ...


def wake_for(url: URL, data_dir: Path | None, pace_s: float) -> Wake:
    """The wake-up that goes with a database. pace_s: as for `Database`."""
    if url.get_backend_name() == "sqlite":
        return SocketWake((data_dir or file_of(url).parent) / "run" / "wake", pace_s)
    from mailserver.store.wake_notify import NotifyWake  # loads psycopg, which SQLite needs not

    return NotifyWake(url)
