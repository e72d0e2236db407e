"""Octets of a literal: in memory while small, in an unnamed file when large."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mailserver.store.failures import of_disk

SPOOL_ABOVE = 256 * 1024  # octets of one literal kept in memory


@dataclass(frozen=True, slots=True)
class MemoryLiteral:
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self) -> bytes:
        return self.content


@dataclass(slots=True)
class SpooledLiteral:
    """Written piece by piece as it comes in; the file goes away with the object.

    folder: on the disk of the data; None for the system's own.
    """

    folder: Path | None
    size: int = 0
    _file: IO[bytes] | None = None

    async def write(self, piece: bytes) -> None:
        """Raises StoreFull or StoreUnavailable; there is nothing to read then."""
        await asyncio.to_thread(self._append, piece)
        self.size += len(piece)

    def _append(self, piece: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115
            self._file.write(piece)
        except OSError as error:
            raise of_disk(error) from error

    def read(self) -> bytes:
        """All octets; reads a file, so call it in a thread. Raises as `write`."""
        if self._file is None:
            return b""
        try:
            self._file.seek(0)
            return self._file.read()
        except OSError as error:
            raise of_disk(error) from error

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # what was still in its buffer finds no room
                self._file.close()


Literal = MemoryLiteral | SpooledLiteral
