"""Octets of a literal: in memory while small, in an unnamed file when large."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from typing import IO

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
    """Written piece by piece as it comes in; the file goes away with the object."""

    size: int = 0
    _file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    async def write(self, piece: bytes) -> None:
        await asyncio.to_thread(self._file.write, piece)
        self.size += len(piece)

    def read(self) -> bytes:
        """All octets; reads a file, so call it in a thread."""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        self._file.close()


Literal = MemoryLiteral | SpooledLiteral
