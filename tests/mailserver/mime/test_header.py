"""Finding and selecting header fields."""

from __future__ import annotations

import pytest

from mailserver.mime.header import Header, header_end, select_fields, unfold

BLOCK = b"From: a@b\r\nX-Long: one\r\n two\r\n\tthree\r\nSubject : s\r\nFROM: c@d\r\nno colon\r\n\r\n"


def test_fields_are_found_whatever_their_case() -> None:
    header = Header(BLOCK)
    assert header.get(b"from") == b"a@b"
    assert header.all(b"From") == [b"a@b", b"c@d"]
    assert header.get(b"subject") == b"s"
    assert header.get(b"x-long") == b"one two\tthree"
    assert header.get(b"to") is None
    assert header.text(b"to") == ""


def test_fields_keep_their_octets() -> None:
    assert Header(BLOCK).fields() == [
        (b"from", b"From: a@b\r\n"),
        (b"x-long", b"X-Long: one\r\n two\r\n\tthree\r\n"),
        (b"subject", b"Subject : s\r\n"),
        (b"from", b"FROM: c@d\r\n"),
    ]


@pytest.mark.parametrize(
    ("names", "invert", "expected"),
    [
        ({b"FROM"}, False, b"From: a@b\r\nFROM: c@d\r\n\r\n"),
        ({b"subject", b"x-long"}, False, b"X-Long: one\r\n two\r\n\tthree\r\nSubject : s\r\n\r\n"),
        ({b"x"}, False, b"\r\n"),
        (set(), False, b"\r\n"),
        ({b"from", b"x-long"}, True, b"Subject : s\r\nno colon\r\n\r\n"),
        (set(), True, BLOCK),
        ({b"fro", b"ubject", b"x-longer", b"."}, False, b"\r\n"),
    ],
)
def test_selected_fields(names: set[bytes], invert: bool, expected: bytes) -> None:
    assert select_fields(BLOCK, frozenset(names), invert) == expected


@pytest.mark.parametrize("block", [b"A: b\r\nC: d", b"A: b\r\nC: d\r\n", b"A: b\r\nC: d\r\n\r\n"])
def test_selection_ends_with_an_empty_line_whatever_the_block_ends_with(block: bytes) -> None:
    assert select_fields(block, frozenset({b"c"})) == b"C: d\r\n\r\n"
    assert select_fields(block, frozenset({b"c"}), invert=True) == b"A: b\r\n\r\n"


def test_names_are_no_patterns() -> None:
    assert select_fields(b"From: a\r\n\r\n", frozenset({b".*", b"F|rom", b"From:"})) == b"\r\n"


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (b"", 0),
        (b"\r\nbody", 2),
        (b"\nbody", 1),
        (b"A: b\r\n\r\nbody", 8),
        (b"A: b\n\nbody", 6),
        (b"A: b\n\r\nbody", 7),
        (b"A: b\r\n\nbody", 7),
        (b"A: b\r\n", 6),
        (b"A: b\n\nbody\r\n\r\nmore", 6),
    ],
)
def test_the_header_ends_behind_the_first_empty_line(data: bytes, end: int) -> None:
    assert header_end(data, 0, len(data)) == end


def test_unfolding_takes_only_the_line_ends_out() -> None:
    assert unfold(b" a\r\n  b\n\tc \r") == b"a  b\tc"
