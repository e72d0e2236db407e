"""Sequence sets (RFC 3501 §9, RFC 5182 §2.1): parsing them, and finding what they mean in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailserver.imap.parser.cursor import MAX_NUMBER, Cursor
from mailserver.imap.parser.errors import ParseError

_SET = re.compile(rb"[0-9*][0-9*:,]*")
MAX_RANGES = 1 << 16  # of one set; to work them out takes the loop a tenth of a second
STAR = 0  # stands for "*", the largest number in use


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges as sent, each (first, last) with STAR for "*"; neither sorted nor merged.

    saved: "$", the messages that the last SEARCH RETURN (SAVE) found; there are no ranges then.
    """

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False

    @classmethod
    def parse(cls, cursor: Cursor) -> SequenceSet:
        if cursor.skip(b"$"):
            return cls((), saved=True)
        match = _SET.match(cursor.data, cursor.at)
        if match is None:
            raise ParseError("Expected a sequence set")
        cursor.at = match.end()
        parts = match.group().split(b",")
        if len(parts) > MAX_RANGES:
            raise ParseError("Too many numbers in a sequence set")
        return cls(tuple(map(_range, parts)))

    def reaches_beyond(self, number: int) -> bool:
        """Whether the set names "*" or anything above `number`."""
        return any(STAR in pair or max(pair) > number for pair in self.ranges)

    def bounds(self, largest: int) -> list[tuple[int, int]]:
        """Ascending ranges with "*" as `largest`, overlapping and touching ones merged.

        Linear after one sort. `*:4` with 2 as the largest means 2:4 (RFC 3501 §9, seq-range).
        """
        found = []
        for first, last in self.ranges:
            low, high = first or largest, last or largest
            found.append((low, high) if low <= high else (high, low))
        found.sort()
        merged: list[tuple[int, int]] = []
        for low, high in found:
            if merged and low <= merged[-1][1] + 1:
                if high > merged[-1][1]:
                    merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        return merged


def _range(part: bytes) -> tuple[int, int]:
    first, colon, last = part.partition(b":")
    low = _number(first)
    return (low, _number(last)) if colon else (low, low)


def _number(raw: bytes) -> int:
    if raw == b"*":
        return STAR
    if not raw.isdigit() or len(raw) > 10 or not 0 < int(raw) <= MAX_NUMBER:
        raise ParseError("Invalid number in a sequence set")
    return int(raw)
