"""The reserve on the disk: new mail is refused while there is still room to read, delete and commit."""

from __future__ import annotations

import os
import time
from pathlib import Path

from mailserver.store.errors import StoreFull

RESERVE_SHARE = 20
RESERVE_LIMIT = 512 * 1024 * 1024


# How long a look at the disk counts; what is stored meanwhile is taken off.
_LOOK_EVERY_S = 0.2


class Room:
    """What may still be stored on the disk of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left = 0
        self._looked_at = float("-inf")

    def require(self, octets: int) -> None:
        """Raise StoreFull if `octets` more would eat into the reserve: a 20th of the disk, at most 512 MiB.

        Raises OSError if the disk cannot be looked at.
        """
        now = time.monotonic()
        if now - self._looked_at > _LOOK_EVERY_S:
            self._left, self._looked_at = _above_reserve(self._folder), now
        if self._left < octets:
            self._looked_at = float("-inf")
            raise StoreFull("the disk has only its reserve left")
        self._left -= octets


def _above_reserve(folder: Path) -> int:
    disk = os.statvfs(folder)
    reserve = min(disk.f_blocks * disk.f_frsize // RESERVE_SHARE, RESERVE_LIMIT)
    return disk.f_bavail * disk.f_frsize - reserve
