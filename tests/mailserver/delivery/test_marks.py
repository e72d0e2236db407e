"""Fields that tell the reader what a rule found, and their forgeries."""

from __future__ import annotations

import pytest

from mailserver.delivery.marks import MAX_VALUE, put_in, without_forged
from mailserver.mime.scan import scan
from tests.support import awkward

FRONT = b"Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y;\r\n"
BODY = b"Subject: x\r\n\r\nX-Vanthu-Spam: no; in the body it is text\r\n"


def test_they_stand_behind_return_path_in_one_line_of_ascii() -> None:
    found = put_in(FRONT, (("X-Vanthu-Spam", "yes; a\r\nBcc: b; thư"), ("X-Other", "1" * 2000)))
    assert found.startswith(b"Return-Path: <a@b.example>\r\nX-Vanthu-Spam: yes; a??Bcc: b; th?\r\nX-Other: 1")
    assert found.endswith(b"1\r\nReceived: from x\r\n\tby y;\r\n")
    assert max(map(len, found.split(b"\r\n"))) == MAX_VALUE + len("X-Other: ")


@pytest.mark.parametrize(
    "forged",
    [
        b"X-Vanthu-Spam: no; score=0\r\n",
        b"x-vanthu-SPAM : no;\r\n\tscore=0\r\n folded\r\n",
        b"X-Vanthu-Spam: no\nX-Vanthu-Spam: no\r\n",
        b"X-Vanthu-Spam:\r\n",
    ],
)
def test_a_forged_one_goes_with_its_folds_and_nothing_else(forged: bytes) -> None:
    for head in (b"", b"From: a@b.example\r\n"):
        assert without_forged(head + forged + BODY) == head + BODY


@pytest.mark.parametrize(
    "other", [b"X-Vanthu-Spam-Not: 1\r\n", b"Y: X-Vanthu-Spam: no\r\n", b"Y: 1\r\n X-Vanthu-Spam: 2\r\n"]
)
def test_what_is_no_forgery_stays_octet_for_octet(other: bytes) -> None:
    assert without_forged(other + BODY) == other + BODY


@pytest.mark.parametrize("tenth", range(10))
def test_a_message_with_them_needs_no_second_scan(tenth: int) -> None:
    marked = put_in(FRONT, (("X-Vanthu-Spam", "yes; score=70; limit=50; reasons=words"),))
    for made in awkward.messages(1_000)[tenth::10]:
        moved = scan(FRONT + made.octets).behind(len(marked) - len(FRONT))
        assert moved == scan(marked + made.octets), made.name
