"""The entries of one folder as parallel arrays, shared by all sessions of a process.

10,000 entries take about 0.4 MB here and would take 4 MB as objects. Arrays grow in place as mail
arrives (a session knows how many it has been told of); when entries go away, new arrays take their
place, and sessions that have not been told yet keep the old ones.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import compress
from operator import lt
from typing import Protocol


class EntryRow(Protocol):
    """What the store says of one entry (`mailserver.store.entries.Row`)."""

    @property
    def uid(self) -> int: ...
    @property
    def message_pk(self) -> int: ...
    @property
    def flags(self) -> int: ...
    @property
    def keywords(self) -> str: ...
    @property
    def internal_date(self) -> int: ...
    @property
    def save_date(self) -> int: ...
    @property
    def modseq(self) -> int: ...
    @property
    def size(self) -> int: ...


class EntryColumns(Protocol):
    """All entries of a folder, ascending by uid (`mailserver.store.entries.Snapshot`)."""

    uids: list[int]
    message_pks: list[int]
    flags: list[int]
    keywords: list[str]
    internal_dates: list[int]
    save_dates: list[int]
    modseqs: list[int]
    sizes: list[int]


class FlagColumns(Protocol):
    """Flags of some entries in parallel sequences, ascending by uid (`mailserver.store.entries.Marks`)."""

    @property
    def uids(self) -> Sequence[int]: ...
    @property
    def flags(self) -> Sequence[int]: ...
    @property
    def keywords(self) -> Sequence[str]: ...
    @property
    def modseqs(self) -> Sequence[int]: ...


class Rows:
    """Columns of the entries, ascending by uid. sizes: octets; dates (internal dates) and save_dates: seconds
    since 1970."""

    __slots__ = ("dates", "flags", "keywords", "modseqs", "pks", "save_dates", "sizes", "uids")

    def __init__(self) -> None:
        self.uids = array("Q")
        self.pks = array("Q")
        self.dates = array("q")
        self.save_dates = array("q")
        self.modseqs = array("Q")
        self.sizes = array("Q")
        self.flags = bytearray()
        self.keywords: list[str] = []

    def __len__(self) -> int:
        return len(self.uids)

    def find(self, uid: int, count: int | None = None) -> int:
        """Index of `uid` among the first `count` entries, -1 if it is not there."""
        end = len(self.uids) if count is None else count
        index = bisect_left(self.uids, uid, 0, end)
        return index if index < end and self.uids[index] == uid else -1

    def indexes(self, uids: Sequence[int], count: int | None = None) -> Sequence[int]:
        """Indexes of those of the ascending `uids` that are there; a range where they are neighbours."""
        if not uids:
            return ()
        first, last = self.find(uids[0], count), self.find(uids[-1], count)
        if first >= 0 and last - first + 1 == len(uids):
            return range(first, last + 1)
        return [index for uid in uids if (index := self.find(uid, count)) >= 0]

    def append(self, row: EntryRow) -> None:
        self.uids.append(row.uid)
        self.pks.append(row.message_pk)
        self.dates.append(row.internal_date)
        self.save_dates.append(row.save_date)
        self.modseqs.append(row.modseq)
        self.sizes.append(row.size)
        self.flags.append(row.flags)
        self.keywords.append(row.keywords)

    def mark(self, marks: FlagColumns) -> list[int]:
        """Take over what is newer than here; returns the uids of those entries."""
        span = self.indexes(marks.uids)
        if isinstance(span, range) and all(map(lt, self.modseqs[span.start : span.stop], marks.modseqs)):
            self.modseqs[span.start : span.stop] = array("Q", marks.modseqs)
            self.flags[span.start : span.stop] = bytes(marks.flags)
            self.keywords[span.start : span.stop] = marks.keywords
            return list(marks.uids)
        newer = []
        columns = marks.uids, marks.flags, marks.keywords, marks.modseqs
        for uid, flags, keywords, modseq in zip(*columns, strict=True):
            index = self.find(uid)
            if index >= 0 and self.modseqs[index] < modseq:
                self.modseqs[index], self.flags[index], self.keywords[index] = modseq, flags, keywords
                newer.append(uid)
        return newer

    def without(self, gone: Sequence[int]) -> Rows:
        """New columns without the entries at the indexes `gone` (ascending)."""
        keep = bytearray(b"\x01") * len(self.uids)
        for index in gone:
            keep[index] = 0
        left = Rows()
        left.uids = array("Q", compress(self.uids, keep))
        left.pks = array("Q", compress(self.pks, keep))
        left.dates = array("q", compress(self.dates, keep))
        left.save_dates = array("q", compress(self.save_dates, keep))
        left.modseqs = array("Q", compress(self.modseqs, keep))
        left.sizes = array("Q", compress(self.sizes, keep))
        left.flags = bytearray(compress(self.flags, keep))
        left.keywords = list(compress(self.keywords, keep))
        return left

    @classmethod
    def of(cls, columns: EntryColumns) -> Rows:
        made = cls()
        made.uids = array("Q", columns.uids)
        made.pks = array("Q", columns.message_pks)
        made.dates = array("q", columns.internal_dates)
        made.save_dates = array("q", columns.save_dates)
        made.modseqs = array("Q", columns.modseqs)
        made.sizes = array("Q", columns.sizes)
        made.flags = bytearray(columns.flags)
        made.keywords = list(columns.keywords)
        return made
