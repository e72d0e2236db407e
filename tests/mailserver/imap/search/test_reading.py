"""Search programs, read octet by octet."""

from __future__ import annotations

from datetime import date

import pytest

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.search.dates import sent_on
from mailserver.imap.search.program import (
    Aged,
    All,
    And,
    Clock,
    Contains,
    Dated,
    Field,
    HasFlag,
    HasId,
    HeaderContains,
    Key,
    Messages,
    ModSeq,
    Not,
    Or,
    When,
)
from mailserver.imap.search.reading import Reader
from mailserver.store.flags import Flag


@pytest.mark.parametrize(
    ("wire", "keys"),
    [
        (b"ALL", (All(),)),
        (b"unseen (ALL)", (HasFlag(Flag.SEEN, False), And((All(),)))),
        (b"1:3 UID 7", (Messages(SequenceSet(((1, 3),)), False), Messages(SequenceSet(((7, 7),)), True))),
        (b"OR SEEN NOT DELETED", (Or(HasFlag(Flag.SEEN, True), Not(HasFlag(Flag.DELETED, True))),)),
        (b'SUBJECT "\xc4\x91i"', (Contains(Field.SUBJECT, "đi"),)),
        (b'HEADER X-A ""', (HeaderContains("X-A", ""),)),
        (b"SENTSINCE 1-Feb-2024", (Dated(When.SINCE, date(2024, 2, 1), Clock.SENT),)),
        (b"SAVEDON 1-Feb-2024", (Dated(When.ON, date(2024, 2, 1), Clock.SAVED),)),
        (b"BEFORE 1-Feb-2024", (Dated(When.BEFORE, date(2024, 2, 1), Clock.ARRIVAL),)),
        (b"savedatesupported", (All(),)),
        (b"OLDER 3600 YOUNGER 7200", (Aged(True, 3600), Aged(False, 7200))),
        (b"EMAILID M12 THREADID T9", (HasId(False, 12), HasId(True, 9))),
        (b"EMAILID T12 THREADID x", (HasId(False, None), HasId(True, None))),
        (b"$ UID $", (Messages(SequenceSet((), True), False), Messages(SequenceSet((), True), True))),
        (b'MODSEQ "/flags/\\\\draft" all 620', (ModSeq(620),)),
    ],
)
def test_keys(wire: bytes, keys: tuple[Key, ...]) -> None:
    assert Reader(Cursor(wire)).program() == And(keys)


@pytest.mark.parametrize(
    ("charset", "octets"), [(b"windows-1258", b"\xf0"), (b"UTF-8", b"\xc4\x91"), (b"us-ascii", b"\xc4\x91")]
)
def test_texts_are_in_the_charset_announced(charset: bytes, octets: bytes) -> None:
    assert Reader(Cursor(b'TEXT "%b"' % octets), charset).program() == And((Contains(Field.TEXT, "đ"),))


@pytest.mark.parametrize("wire", [b"OLDER 0", b"YOUNGER x", b"OLDER", b"SAVEDON 31-Feb-2024", b"EMAILID", b"$$"])
def test_what_is_no_key(wire: bytes) -> None:
    with pytest.raises(ParseError):
        Reader(Cursor(wire)).program()


def test_an_unknown_charset_names_those_that_are_known() -> None:
    with pytest.raises(NameRefused) as refused:
        Reader(Cursor(b"ALL"), b"KOI8-R")
    assert refused.value.code.startswith(b"BADCHARSET (US-ASCII ")


def test_queries_have_a_limit() -> None:
    Reader(Cursor(b" ".join([b"TEXT a"] * 50))).program()
    with pytest.raises(ParseError):
        Reader(Cursor(b" ".join([b"TEXT a"] * 51))).program()


@pytest.mark.parametrize(
    ("field", "day"),
    [
        (b'"Wed, 17 Jul 1996 02:23:25 -0700"', date(1996, 7, 17)),
        (b'"1 Jan 2024 23:59:59 +0700"', date(2024, 1, 1)),
        (b'"Mon, 01 January 24 00:00 GMT"', date(2024, 1, 1)),
        (b'"31 Feb 2024 00:00:00 +0000"', None),
        (b'"gibberish"', None),
        (b"NIL", None),
        (b"{12}\r\n1 Jan 2024 0", date(2024, 1, 1)),
    ],
)
def test_the_day_that_the_date_field_shows(field: bytes, day: date | None) -> None:
    """RFC 3501 §6.4.4: whatever the time of day and the zone."""
    assert sent_on(b'(%b "subject" NIL NIL NIL NIL NIL NIL NIL NIL)' % field) == day
