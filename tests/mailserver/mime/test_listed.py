"""Packed fields give the very octets that the header itself would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime import listed
from mailserver.mime.header import select_fields

BLOCK = (
    b"Received: from a\r\n\tby b\r\nDATE: Mon, 1 Jan 2024 00:00:00 +0700\r\nfrom : a@b\r\n"
    b"Subject:\r\n =?utf-8?q?x?=\r\n\ty\r\nDKIM-Signature: v=1\r\nTo: c\r\nTO: d\r\nFrom-Nobody: e\r\n\r\n"
)


def packed(block: bytes, *names: bytes) -> bytes:
    wanted = frozenset(names)
    assert listed.holds(wanted)
    return listed.chooser(wanted)(listed.pack(block))


def test_chosen_fields_keep_their_order_and_octets() -> None:
    assert packed(BLOCK, b"TO", b"SUBJECT", b"FROM") == (
        b"from : a@b\r\nSubject:\r\n =?utf-8?q?x?=\r\n\ty\r\nTo: c\r\nTO: d\r\n\r\n"
    )
    assert packed(BLOCK, b"CC") == b"\r\n"
    assert packed(b"", b"CC") == b"\r\n"
    assert packed(b"To: without a line end", b"TO") == b"To: without a line end\r\n\r\n"


def test_only_listed_fields_can_be_chosen() -> None:
    assert listed.holds(frozenset({b"FROM", b"X-PRIORITY"}))
    assert not listed.holds(frozenset({b"FROM", b"RECEIVED"}))
    assert len(set(listed.NAMES)) == len(listed.NAMES) <= 224  # a number is one octet from 32 on
    assert b"DKIM" not in listed.pack(BLOCK)


PIECES = st.sampled_from(
    [
        b"From",
        b"to",
        b"Subject",
        b"Received",
        b":",
        b" ",
        b"\t",
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"a",
        b"\xff",
        b"\n\0",
        b" :",
    ]
)


@given(st.lists(PIECES, max_size=40).map(b"".join), st.sets(st.sampled_from([b"FROM", b"TO", b"SUBJECT", b"CC"])))
def test_any_block_gives_what_its_header_gives(block: bytes, names: set[bytes]) -> None:
    assert packed(block, *names) == select_fields(block, frozenset(names))


@pytest.mark.parametrize("name", listed.NAMES)
def test_every_listed_name_is_found_again(name: bytes) -> None:
    field = name.title() + b": x\r\n"
    assert packed(b"A: b\r\n" + field + b"\r\n", name) == field + b"\r\n"
