"""Where the servers of a test session keep what need not outlive it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# Octets that such a server may come to take.
_ROOM = 2 * 1024**3


def in_memory() -> Path | None:
    """A file system without a disk, if there is one with room."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy else None
