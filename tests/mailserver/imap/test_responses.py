"""What goes out is one well-formed line, whatever it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.imap import responses
from mailserver.imap.responses import Status


@pytest.mark.parametrize(
    ("raw", "wire"),
    [
        (b"", b'""'),
        (b"plain", b'"plain"'),
        (b'say "hi"\\', b'"say \\"hi\\"\\\\"'),
        (b"two\r\nlines", b"{10}\r\ntwo\r\nlines"),
        ("đi".encode(), b"{3}\r\n\xc4\x91i"),
        (b'"\r', b'{2}\r\n"\r'),
        (b"\0", b"{1}\r\n\0"),
    ],
)
def test_a_string_is_quoted_where_that_is_safe(raw: bytes, wire: bytes) -> None:
    assert responses.string(raw) == wire


def test_nil_as_a_word_is_quoted() -> None:
    assert responses.astring(b"nil") == b'"nil"'
    assert responses.mailbox("NIL") == b'"NIL"'


@pytest.mark.parametrize(
    ("numbers", "wire"),
    [([], b""), ([4], b"4"), ([1, 2, 3, 7], b"1:3,7"), ([5, 3, 4, 9], b"5,3:4,9"), ([1, 3, 5], b"1,3,5")],
)
def test_a_set_keeps_its_order(numbers: list[int], wire: bytes) -> None:
    assert responses.number_set(numbers) == wire


def test_a_date_is_written_in_the_zone_asked_for() -> None:
    assert responses.date_times([837_596_665, 837_561_599], -420) == [
        b'"17-Jul-1996 02:44:25 -0700"',
        b'"16-Jul-1996 16:59:59 -0700"',
    ]
    assert responses.date_times([0, -5], 420) == [b'" 1-Jan-1970 07:00:00 +0700"'] * 2
    assert responses.date_times([2**60], 0) == [b'"28-Dec-9999 12:26:40 +0000"']


def test_flags_keep_their_order_and_recent_comes_last() -> None:
    assert responses.flag_list(0, "", False) == b"()"
    assert responses.flag_list(9, "$Label1 x", True) == b"(\\Seen \\Deleted $Label1 x \\Recent)"


@given(st.text())
def test_no_text_can_split_a_response(text: str) -> None:
    """CR LF out of a mailbox name must never reach the client (Dovecot: `&AA0ACg-` in a NO)."""
    line = responses.untagged(Status.NO, text, b"ALERT")
    assert line.endswith(b"\r\n")
    assert line.count(b"\r") == line.count(b"\n") == 1
    assert len(line) > len(b"* NO [ALERT] \r\n")  # some clients need a text behind the code
