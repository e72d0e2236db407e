"""What one session believes is in its folder: sequence numbers, and what it has yet to be told.

Pure: no I/O, no clock. The loop asks `catch_up` at the moments when RFC 3501 §5.5 and §7.4.1 allow
the answers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from mailserver.imap.folder_state import FolderState, Step
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.rows import Rows

NO_RECENT = (1 << 64) - 1  # no uid is as large: for sessions that have no \\Recent (RFC 9051)


class BeyondEnd(Exception):
    """A sequence number larger than the number of messages (RFC 3501 §9, seq-number)."""


@dataclass(frozen=True, slots=True)
class Updates:
    """News for the client, in the order to tell them.

    expunged: sequence numbers, each valid after those before it; vanished: the uids of the same,
    ascending. exists: the new count, None if it has not grown. changed: indexes (sequence number - 1)
    whose flags changed, ascending.
    """

    expunged: list[int]
    vanished: list[int]
    exists: int | None
    changed: Sequence[int]


class View:
    """The first `count` entries of `rows`, where rows may be older than the folder's newest.

    recent_from: entries with this uid or above are \\Recent in this session. saved: uids that "$" stands
    for, ascending; those that are gone mean nothing (RFC 5182 §2.1).
    """

    __slots__ = ("count", "recent_from", "rows", "saved", "state", "step")

    def __init__(self, state: FolderState, recent_from: int) -> None:
        self.state = state
        self.rows = state.rows
        self.count = len(state.rows)
        self.step: Step = state.last
        self.recent_from = recent_from
        self.saved: Sequence[int] = ()

    @property
    def is_current(self) -> bool:
        """The rows are the folder's newest, so their flags are too."""
        return self.rows is self.state.rows

    def recent(self) -> int:
        """How many messages are \\Recent here."""
        return self.count - bisect_left(self.rows.uids, self.recent_from, 0, self.count)

    def resolve(self, numbers: SequenceSet, uid: bool, strict: bool = True) -> list[range]:
        """Ascending, disjoint ranges of indexes that the set means.

        UIDs that are not here are ignored (RFC 3501 §6.4.8). Raises BeyondEnd for a sequence number
        that is not, unless `strict` is off: SEARCH tolerates it (Zimbra bug 27855).
        """
        if numbers.saved:
            return self._resolve_saved()
        return self._resolve_uids(numbers) if uid else self._resolve_numbers(numbers, strict)

    def _resolve_saved(self) -> list[range]:
        found: list[range] = []
        for index in self.indexes_of(self.saved):
            if found and found[-1].stop == index:
                found[-1] = range(found[-1].start, index + 1)
            else:
                found.append(range(index, index + 1))
        return found

    def _resolve_uids(self, numbers: SequenceSet) -> list[range]:
        if not self.count:
            return []
        uids, count = self.rows.uids, self.count
        found: list[range] = []
        for low, high in numbers.bounds(uids[count - 1]):
            start, stop = bisect_left(uids, low, 0, count), bisect_right(uids, high, 0, count)
            if start < stop:
                found.append(range(start, stop))
        return found

    def _resolve_numbers(self, numbers: SequenceSet, strict: bool) -> list[range]:
        bounds = numbers.bounds(self.count)
        if strict and (not self.count or bounds[-1][1] > self.count):
            raise BeyondEnd
        return [range(max(low, 1) - 1, min(high, self.count)) for low, high in bounds if low <= self.count and high]

    def uids_of(self, ranges: list[range]) -> array[int]:
        """The uids at these indexes, ascending."""
        uids: array[int] = array("Q")
        for span in ranges:
            uids.extend(self.rows.uids[span.start : span.stop])
        return uids

    def indexes_of(self, uids: Sequence[int]) -> Sequence[int]:
        """Indexes of those of the ascending `uids` that this session knows."""
        return self.rows.indexes(uids, self.count)

    def row(self, index: int) -> tuple[Rows, int]:
        """Where to read the entry at `index`: the newest rows, or the old ones if it is expunged."""
        if self.rows is not self.state.rows:
            found = self.state.rows.find(self.rows.uids[index])
            if found >= 0:
                return self.state.rows, found
        return self.rows, index

    def pending(self) -> bool:
        return self.step.next is not None or self.count < len(self.rows)

    def catch_up(self, expunges: bool, origin: object | None = None) -> Updates:
        """Move on to the folder's newest state and say what is new.

        expunges: whether EXPUNGE may be told now; if not, this stops before the first one.
        origin: the session itself, whose own flag changes it already knows.
        """
        old_rows, old_count = self.rows, self.count
        expunged: list[int] = []
        changed: set[int] = set()
        while (step := self.step.next) is not None:
            if step.expunged:
                known = [uid for uid in step.expunged if old_rows.find(uid, old_count) >= 0]
                if known and not expunges:
                    break
                expunged.extend(known)
            if step.origin is not origin or origin is None:
                changed.update(step.changed)
            self.step = step
        expunged.sort()
        numbers = self._drop(expunged, old_rows.uids, old_count)
        return self._grow(old_count, numbers, expunged, changed)

    def _drop(self, expunged: list[int], uids: array[int], count: int) -> list[int]:
        """Sequence numbers of the (ascending) expunged, each as it is once those before are gone."""
        numbers = [bisect_left(uids, uid, 0, count) + 1 - gone for gone, uid in enumerate(expunged)]
        self.count -= len(numbers)
        return numbers

    def _grow(self, old_count: int, numbers: list[int], vanished: list[int], changed: set[int]) -> Updates:
        if self.step.next is None:
            self.rows = self.state.rows
        told = old_count - len(numbers)
        self.count = len(self.rows) if self.step.next is None else max(told, self.count)
        exists = self.count if self.count > told else None
        indexes = self.rows.indexes(sorted(changed), told)
        return Updates(numbers, vanished, exists, indexes)
