"""A page of results (RFC 9394 §3.1), such as 1:100, or -1:-100 from the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from mailserver.imap.parser.cursor import MAX_NUMBER, Cursor
from mailserver.imap.parser.errors import ParseError

T = TypeVar("T")
_PAGE = re.compile(rb"(-?)([0-9]{1,10}):(-?)([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class Page:
    """first, last: counted from 1, both included, first <= last; from_end: backwards from the last
    result. wire: as the client wrote it."""

    first: int
    last: int
    from_end: bool
    wire: bytes

    @classmethod
    def parse(cls, cursor: Cursor) -> Page:
        match = _PAGE.match(cursor.data, cursor.at)
        if match is None or match[1] != match[3]:
            raise ParseError("Expected a range of results")
        first, last = sorted((int(match[2]), int(match[4])))
        if not 0 < first <= last <= MAX_NUMBER:
            raise ParseError("Invalid number in a range of results")
        cursor.at = match.end()
        return cls(first, last, bool(match[1]), match.group())

    def of(self, found: Sequence[T]) -> Sequence[T]:
        """What of `found` is on the page, in the same order."""
        if self.from_end:
            return found[max(len(found) - self.last, 0) : max(len(found) - self.first + 1, 0)]
        return found[self.first - 1 : self.last]
