"""The bounds of the cache on disk: what nobody has asked for lately goes, and beyond a size the longest unused first.

Everything in it can be made again, so that it may be emptied at any time, and what an older version has left
behind goes by itself.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Seconds since a file was last used. A document is read within days, or months later from the archive.
KEPT_S: Final = 30 * 86_400
# Octets in all. A page of a scan is a picture of 100 to 500 KB.
LARGEST: Final = 2 * 1024**3
# Seconds after which a use is written down again: once a day for a file is enough.
NOTED_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many files went, and their octets."""

    files: int
    octets: int


def tidy(folder: Path, now: float, *, kept_s: float = KEPT_S, largest: int = LARGEST) -> Tidied:
    """Remove files that were not used for kept_s seconds, then the longest unused until `largest` octets are left.

    now: seconds since 1970. Others may write and remove meanwhile. Raises OSError (not for what has gone already).
    """
    found = sorted(_files(folder))
    left = sum(size for _used, size, _path in found)
    gone = octets = 0
    for used, size, path in found:
        if used >= now - kept_s and left <= largest:
            break
        path.unlink(missing_ok=True)
        left -= size
        gone += 1
        octets += size
    return Tidied(gone, octets)


def note_use(path: Path, now: float) -> None:
    """A file of the cache has been used: it stays. Costs a look at it, and seldom a change."""
    with contextlib.suppress(OSError):  # it has gone meanwhile, or the disk only reads: no reason to fail
        if path.stat().st_mtime < now - NOTED_S:
            os.utime(path, (now, now))


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """(last used, octets on the disk, where) of every file below; links are not followed."""
    for parent, _folders, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            with contextlib.suppress(FileNotFoundError):
                seen = path.lstat()
                yield seen.st_mtime, seen.st_blocks * 512, path
