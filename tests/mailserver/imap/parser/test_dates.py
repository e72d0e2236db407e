"""Dates of SEARCH and APPEND."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.dates import parse_date, parse_date_time
from mailserver.imap.parser.errors import ParseError


@pytest.mark.parametrize("wire", [b"1-Feb-1994", b'"1-Feb-1994"', b"01-FEB-1994"])
def test_a_day_may_be_quoted(wire: bytes) -> None:
    assert parse_date(Cursor(wire)) == date(1994, 2, 1)


@pytest.mark.parametrize("wire", [b"30-Feb-1994", b"1-Foo-1994", b'"1-Feb-1994', b"1/2/94", b"1-Feb-0000"])
def test_a_day_that_is_none_is_an_error(wire: bytes) -> None:
    with pytest.raises(ParseError):
        parse_date(Cursor(wire))


@pytest.mark.parametrize(
    "wire", [b'" 7-Feb-1994 21:52:25 -0800"', b'"7-Feb-1994 21:52:25 -0800"', b'"07-Feb-1994 21:52:25 -0800"']
)
def test_the_leading_space_of_a_day_may_be_missing(wire: bytes) -> None:
    """Outlook for Android (Zimbra `ImapRequest.java:800`)."""
    assert parse_date_time(Cursor(wire)) == datetime(1994, 2, 8, 5, 52, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    "wire",
    [b'"7-Feb-1994"', b'"7-Feb-1994 25:00:00 +0000"', b'"7-Feb-1994 21:52:25 +9900"', b'"31-Dec-9999 23:59:59 -1200"'],
)
def test_a_time_that_is_none_is_an_error(wire: bytes) -> None:
    with pytest.raises(ParseError):
        parse_date_time(Cursor(wire))
