"""The octets of BDAT, whatever way they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.smtp.chunks import Chunks


def taken(*pieces: bytes, limit: int = 1 << 30) -> tuple[bytes, Chunks]:
    blocks: list[bytes] = []
    chunks = Chunks(blocks.append, limit)
    for piece in pieces:
        chunks.feed(piece)
    chunks.end()
    return b"".join(blocks), chunks


@given(st.lists(st.binary(max_size=6)))
def test_what_comes_is_what_is_written(pieces: list[bytes]) -> None:
    content, chunks = taken(*pieces)
    whole = b"".join(pieces)
    assert content == whole
    assert chunks.received == len(whole)
    left = whole.replace(b"\r\n", b"")
    assert chunks.bare is (b"\r" in left or b"\n" in left)


@pytest.mark.parametrize("whole", [b"a\r\n", b"\r\n.\r\n", b"..\r\n", b"no end"])
def test_whole_line_ends_are_whole_wherever_they_are_cut(whole: bytes) -> None:
    for cut in range(len(whole) + 1):
        content, chunks = taken(whole[:cut], whole[cut:])
        assert (content, chunks.bare) == (whole, False)


def test_at_the_limit_nothing_more_is_kept() -> None:
    assert not taken(b"12345", b"67890", limit=10)[1].too_large
    content, chunks = taken(b"12345", b"678901", b"2", limit=10)
    assert (content, chunks.too_large, chunks.received) == (b"12345", True, 12)


def test_of_a_chunk_that_cannot_fit_nothing_is_kept_at_all() -> None:
    blocks: list[bytes] = []
    chunks = Chunks(blocks.append, 10)
    chunks.expect(11)
    chunks.feed(b"12345")
    assert chunks.too_large
    assert blocks == []
