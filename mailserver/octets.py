"""Octets that somebody looks at: in memory, or those of a large file mapped into it, which takes none of ours."""

from __future__ import annotations

import io
from mmap import mmap
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Octets = bytes | mmap


def begins(octets: Octets, beginning: bytes) -> bool:
    return octets[: len(beginning)] == beginning


def holds(octets: Octets, wanted: bytes) -> bool:
    return octets.find(wanted) >= 0


def as_file(octets: Octets) -> IO[bytes]:
    """For readers that seek; nothing is copied."""
    return io.BytesIO(octets) if isinstance(octets, bytes) else cast(IO[bytes], io.BufferedReader(_Mapped(octets)))


class _Mapped(io.RawIOBase):
    def __init__(self, octets: mmap) -> None:
        self._octets, self._at = octets, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._octets)}[whence]
        if origin + offset < 0:
            raise ValueError("before the beginning")
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        piece = self._octets[self._at : self._at + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
