"""The reserve on the disk: new mail is refused while there is still room to read, delete and commit."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mailserver.store.errors import StoreFull
from mailserver.store.failures import of_disk

RESERVE_SHARE = 20
RESERVE_LIMIT = 512 * 1024 * 1024
# Octets above the reserve from which on the WAL, which may grow to half as much, is kept short.
NEAR = 128 * 1024 * 1024
# Seconds after which what somebody was promised is surely on the disk, where a look finds it.
PROMISED_S = 0.5
# Seconds for which a look at disks that are far from their reserve is good for others who ask: every delivery and
# every commit asks, and what is promised meanwhile is counted.
LOOKED_S = 0.05
_ENDLESS = 1 << 62


class Room:
    """What may still be stored in some folders: as much as the fullest of their disks has above its reserve, a
    20th of it, at most 512 MiB. Without folders there is no end. For any thread of a process."""

    def __init__(self, *folders: Path, wal: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """wal: SQLite's, which may not be there; all its pages may need room in the database file yet."""
        self._folders = list(folders)
        self._wal = wal
        self._clock = clock
        self._lock = threading.Lock()
        # What was promised since `_since`, and in the PROMISED_S before.
        self._promised = self._before = 0
        self._since = clock()
        # What there was above NEAR at the last look, else 0; and when that was.
        self._seen, self._seen_at = 0, clock()
        self._when_short: Callable[[], None] | None = None

    def watch(self, folder: Path) -> None:
        """From now on this folder's disk counts too."""
        self._folders.append(folder)
        self._seen = 0

    def on_short(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in any thread, when somebody was refused: perhaps it can make room."""
        self._when_short = listener

    def require(self, octets: int) -> None:
        """Promise room for `octets`. Raises StoreFull if they would eat into a reserve, StoreUnavailable if a
        disk cannot be looked at."""
        with self._lock:
            try:
                left = self._lately()
            except OSError as error:
                raise of_disk(error) from error
            self._let_go()
            if left - self._promised - self._before >= octets:
                self._promised += octets
                return
        if self._when_short is not None:
            self._when_short()
        raise StoreFull("the disk has only its reserve left")

    def has(self, octets: int) -> bool:
        """Whether so much would be let in at this moment; True if nobody knows. For doors that ask early."""
        try:
            return self.left() >= octets
        except OSError:
            return True

    def is_scarce(self) -> bool:
        """Whether the reserve is near, or begun; False if nobody knows. Asked after every commit."""
        with self._lock:
            try:
                return self._lately() < NEAR
            except OSError:
                return False

    def left(self) -> int:
        """Octets above the reserve, negative when it has been begun. Raises OSError."""
        if not self._folders:
            return _ENDLESS
        return min(map(_above_reserve, self._folders)) - self._wal_size()

    def _lately(self) -> int:
        """As `left`, but up to LOOKED_S old while the reserve is far."""
        now = self._clock()
        if self._seen and now - self._seen_at < LOOKED_S:
            return self._seen
        left = self.left()
        self._seen, self._seen_at = (left if left > NEAR else 0), now
        return left

    def _let_go(self) -> None:
        """Forget promises that are old enough."""
        passed = self._clock() - self._since
        if passed >= PROMISED_S:
            self._before = self._promised if passed < 2 * PROMISED_S else 0
            self._promised = 0
            self._since += passed

    def _wal_size(self) -> int:
        try:
            return self._wal.stat().st_size if self._wal else 0
        except FileNotFoundError:
            return 0


def _above_reserve(folder: Path) -> int:
    disk = os.statvfs(folder)
    reserve = min(disk.f_blocks * disk.f_frsize // RESERVE_SHARE, RESERVE_LIMIT)
    return disk.f_bavail * disk.f_frsize - reserve
