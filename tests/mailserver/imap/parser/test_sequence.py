"""Sequence sets as sent, and what they mean."""

from __future__ import annotations

import pytest

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.parser.sequence import SequenceSet


@pytest.mark.parametrize(
    ("wire", "largest", "bounds"),
    [
        (b"1", 10, [(1, 1)]),
        (b"2:4", 10, [(2, 4)]),
        (b"4:2", 10, [(2, 4)]),
        (b"*", 10, [(10, 10)]),
        (b"8:*", 10, [(8, 10)]),
        (b"*:4", 2, [(2, 4)]),
        (b"15:*", 10, [(10, 15)]),
        (b"1,3,2,7:9,8:12", 20, [(1, 3), (7, 12)]),
        (b"5,1:10,3", 10, [(1, 10)]),
    ],
)
def test_ranges_are_sorted_and_merged(wire: bytes, largest: int, bounds: list[tuple[int, int]]) -> None:
    assert SequenceSet.parse(Cursor(wire)).bounds(largest) == bounds


def test_what_was_saved_is_a_set_of_its_own() -> None:
    """RFC 5182 §2.1: "$" stands alone."""
    cursor = Cursor(b"$ FLAGS")
    assert SequenceSet.parse(cursor) == SequenceSet((), saved=True)
    assert not SequenceSet((), saved=True).reaches_beyond(0)
    cursor.space()


@pytest.mark.parametrize(
    "wire", [b"", b"0", b"1:", b":1", b"1,,2", b"1:2:3", b"a", b"4294967296", b"1:0", b"12345678901"]
)
def test_what_is_no_set_is_an_error(wire: bytes) -> None:
    with pytest.raises(ParseError):
        SequenceSet.parse(Cursor(wire))
