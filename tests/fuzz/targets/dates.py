"""Dates of mail and of IMAP commands: a figure in range, None, or the parser's refusal."""

from __future__ import annotations

from datetime import UTC, datetime

from mailserver.imap.parser import dates
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.search.dates import sent_on
from mailserver.mime.dates import parse_date
from mailserver.mime.wire import nstring
from tests.fuzz.target import Target

# What a signed 64-bit column takes is far more; years are 1900 to 9999.
_EARLIEST, _LATEST = -2_300_000_000, 253_500_000_000


def check(raw: bytes) -> None:
    seconds = parse_date(raw)
    assert seconds is None or _EARLIEST < seconds < _LATEST
    sent_on(b"(%b NIL" % nstring(raw))
    sent_on(raw)
    for read in (dates.parse_date, dates.parse_date_time):
        try:
            found = read(Cursor(raw))
        except ParseError:
            continue
        assert not isinstance(found, datetime) or found.tzinfo is UTC


SEEDS = [
    b"Thu, 4 Jan 2024 10:00:00 +0700 (ICT)",
    b"4 Jan 24 10:00 GMT",
    b"Thu Jan  4 10:00:00 ICT 2024",
    b"2024-01-04T10:00:00.5+07:00",
    b"29-Feb-1900",
    b'"29-Feb-2024"',
    b'" 4-Jan-2024 10:00:00 +0700"',
    b'"31-Dec-9999 23:59:60 -2359"',
    b'("Thu, 4 Jan 2024 10:00:00 +0700" NIL',
]
TARGET = Target(
    about="Date fields, SEARCH dates, APPEND date-times",
    check=check,
    seeds=lambda: SEEDS,
    words="dates",
    longest=256,
)
