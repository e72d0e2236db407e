"""The reserve on the disk: new mail is refused while there is still room to read, delete and commit."""

from __future__ import annotations

import os
from pathlib import Path

from mailserver.store.errors import StoreFull

RESERVE_SHARE = 20
RESERVE_LIMIT = 512 * 1024 * 1024


def require_room(folder: Path, octets: int) -> None:
    """Raise StoreFull if `octets` more would eat into the reserve: a 20th of the disk, at most 512 MiB."""
    disk = os.statvfs(folder)
    reserve = min(disk.f_blocks * disk.f_frsize // RESERVE_SHARE, RESERVE_LIMIT)
    if disk.f_bavail * disk.f_frsize - octets < reserve:
        raise StoreFull("the disk has only its reserve left")
