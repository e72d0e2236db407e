"""What an archive holds: names and, within bounds, the octets of its members.

Names are read of zip, tar, rar and gzip, bzip2 and xz; octets only where the standard library unpacks. Whoever
packs decides how much comes out, so what is unpacked, how deep and how many is bounded by `Budget`.
"""

from __future__ import annotations

import bz2
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from mailserver.octets import Octets, as_file, begins

# Members of all archives of one message; octets that are unpacked of them all; archives in archives.
MOST_MEMBERS: Final = 2_000
MOST_OCTETS: Final = 64 * 1024 * 1024
MOST_DEPTH: Final = 4
# A member that says it is larger than this and so many times larger than packed is a bomb: 42.zip has 1 : 28
# million in all, texts of office files seldom more than 1 : 50.
BOMB_OCTETS: Final = 256 * 1024 * 1024
BOMB_RATIO: Final = 200

# Octets that an unpacker may want beyond as many as it gives: a block of bzip2, names in a header.
SLACK: Final = 2 * 1024 * 1024

RAR4: Final = b"Rar!\x1a\x07\x00"
RAR5: Final = b"Rar!\x1a\x07\x01\x00"
SEVEN_ZIP: Final = b"7z\xbc\xaf\x27\x1c"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_AT: Final = 257


_UNZIP_FAULTS: Final = (
    zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError
)  # fmt: skip


class Bomb(Exception):
    """More comes out than anybody would send."""


class Unseen(Exception):
    """An archive of which not even the names can be read."""


@dataclass(slots=True)
class Budget:
    """What may still be unpacked of one message."""

    members: int = MOST_MEMBERS
    octets: int = MOST_OCTETS

    def member(self) -> None:
        """Raises Bomb."""
        self.members -= 1
        if self.members < 0:
            raise Bomb

    def take(self, octets: int) -> None:
        """Raises Bomb."""
        self.octets -= octets
        if self.octets < 0:
            raise Bomb


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive. read: at most so many octets of it (None: all that the budget has), None where it
    is encrypted or nothing here unpacks it; raises Bomb."""

    name: str
    encrypted: bool = False
    read: Callable[[int | None], bytes | None] = lambda _most: None


def is_archive(head: bytes) -> bool:
    """Whether these octets begin an archive that `members` takes."""
    return members(head, Budget()) is not None


def members(octets: Octets, budget: Budget) -> Iterator[Member] | None:
    """The members, None for what is no archive. Iterating (and reading) raises Bomb or Unseen, nothing else."""
    if any(begins(octets, one) for one in _ZIP):
        return _zip(octets, budget)
    if begins(octets, RAR4) or begins(octets, RAR5):
        return _rar(octets, budget)
    if begins(octets, SEVEN_ZIP):
        return _unseen()
    if octets[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return _tar(octets, budget)
    for beginning, unpacker in _SINGLE:
        if begins(octets, beginning):
            return _single(octets, unpacker, budget)
    return None


def _unseen() -> Iterator[Member]:
    raise Unseen
    yield


def _zip(octets: Octets, budget: Budget) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(as_file(octets))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
        raise Unseen from error
    for info in archive.infolist():
        budget.member()
        if info.file_size > BOMB_OCTETS and info.file_size > BOMB_RATIO * max(info.compress_size, 1):
            raise Bomb
        encrypted = bool(info.flag_bits & 0x1)
        if not info.filename.endswith("/"):
            yield Member(info.filename, encrypted, lambda most, info=info: _unzipped(archive, info, budget, most))  # type: ignore[misc]


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, most: int | None) -> bytes | None:
    if info.flag_bits & 0x1:
        return None
    try:
        with archive.open(info) as opened:
            content = opened.read(budget.octets + 1 if most is None else most)
    except _UNZIP_FAULTS:
        return None
    budget.take(len(content))
    return content


def _tar(octets: Octets, budget: Budget) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=as_file(octets), mode="r:") as archive:
            for info in archive:
                budget.member()
                if info.isfile() and not info.issparse():
                    yield Member(info.name, read=partial(_stretch, octets, info.offset_data, info.size))
    except (tarfile.TarError, ValueError, OSError, EOFError, UnicodeError, OverflowError, MemoryError) as error:
        raise Unseen from error


def _stretch(octets: Octets, start: int, size: int, most: int | None) -> bytes:
    return octets[start : start + (size if most is None else min(size, most))]


class _Unpacker(Protocol):
    def decompress(self, data: Octets, max_length: int = ..., /) -> bytes: ...


_SINGLE: Final[tuple[tuple[bytes, Callable[[], _Unpacker]], ...]] = (
    (b"\x1f\x8b\x08", lambda: zlib.decompressobj(wbits=31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(memlimit=MOST_OCTETS)),
)


def _single(octets: Octets, unpacker: Callable[[], _Unpacker], budget: Budget) -> Iterator[Member]:
    budget.member()

    def read(most: int | None) -> bytes:
        try:
            wanted = budget.octets + 1 if most is None else most
            content = unpacker().decompress(octets[: wanted + SLACK], wanted)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
            raise Unseen from error
        budget.take(len(content))
        return content

    yield Member("", read=read)


def _rar(octets: Octets, budget: Budget) -> Iterator[Member]:
    yield from (_rar5(octets, budget) if begins(octets, RAR5) else _rar4(octets, budget))


def _rar4(octets: Octets, budget: Budget) -> Iterator[Member]:
    """Blocks of RAR 1.5 to 4: CRC 2, type 1, flags 2, size 2, then what the type has (technote.txt of RAR 4)."""
    at = len(RAR4)
    while at + 7 <= len(octets):
        kind, flags = octets[at + 2], int.from_bytes(octets[at + 3 : at + 5], "little")
        size = int.from_bytes(octets[at + 5 : at + 7], "little")
        if size < 7 or (kind == 0x73 and flags & 0x80):  # headers are encrypted
            raise Unseen
        data = int.from_bytes(octets[at + 7 : at + 11], "little") if kind == 0x74 or flags & 0x8000 else 0
        if kind == 0x74:
            budget.member()
            name_size = int.from_bytes(octets[at + 26 : at + 28], "little")
            name_at = at + (40 if flags & 0x100 else 32)
            name = octets[name_at : name_at + name_size].partition(b"\0")[0]
            yield Member(name.decode("utf-8", "replace"), bool(flags & 0x4))
        at += size + data
        if kind == 0x7B:
            return


def _rar5(octets: Octets, budget: Budget) -> Iterator[Member]:
    """Blocks of RAR 5: CRC 4, size, type, flags, then sizes of extra area and data (technote.txt of RAR 5)."""
    at = len(RAR5)
    while at + 6 <= len(octets):
        size, begin = _vint(octets, at + 4)
        kind, place = _vint(octets, begin)
        flags, place = _vint(octets, place)
        _extra, place = _vint(octets, place) if flags & 1 else (0, place)
        data, place = _vint(octets, place) if flags & 2 else (0, place)
        if kind == 4 or size == 0:  # all headers that follow are encrypted
            raise Unseen
        if kind == 2:
            budget.member()
            yield _rar5_member(octets, place, begin + size)
        at = begin + size + data
        if kind == 5:
            return


def _rar5_member(octets: Octets, at: int, end: int) -> Member:
    flags, at = _vint(octets, at)
    _unpacked, at = _vint(octets, at)
    _attributes, at = _vint(octets, at)
    at += (4 if flags & 2 else 0) + (4 if flags & 4 else 0)
    _method, at = _vint(octets, at)
    _system, at = _vint(octets, at)
    length, at = _vint(octets, at)
    name = octets[at : at + length].decode("utf-8", "replace")
    # The first record of the extra area says whether the file is encrypted (type 1).
    _size, place = _vint(octets, at + length) if at + length < end else (0, end)
    encrypted = place < end and _vint(octets, place)[0] == 1
    return Member(name, encrypted)


def _vint(octets: Octets, at: int) -> tuple[int, int]:
    """Seven bits an octet, the lowest first; at most ten octets. Behind the end: 0."""
    value = 0
    for index, octet in enumerate(octets[at : at + 10]):
        value |= (octet & 0x7F) << (7 * index)
        if not octet & 0x80:
            return value, at + index + 1
    return value, at + 10
