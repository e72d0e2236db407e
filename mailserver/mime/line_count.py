"""Line ends in ranges that lie in one another, counted once however deep they are nested."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class LineCount:
    """Counts line ends in the given ranges [start, end) of some octets in one walk over them."""

    def __init__(self, data: bytes, ranges: Sequence[tuple[int, int]]) -> None:
        self._cuts = sorted({offset for pair in ranges for offset in pair})
        self._before = [0] * len(self._cuts)
        for index in range(1, len(self._cuts)):
            between = data.count(b"\n", self._cuts[index - 1], self._cuts[index])
            self._before[index] = self._before[index - 1] + between

    def of(self, start: int, end: int) -> int:
        """Line ends in one of the ranges given."""
        return self._before[bisect_left(self._cuts, end)] - self._before[bisect_left(self._cuts, start)]
