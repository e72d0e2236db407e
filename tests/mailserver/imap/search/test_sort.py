"""Sort criteria, read octet by octet."""

from __future__ import annotations

import pytest

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.search.sort import By, Criterion, parse_criteria


@pytest.mark.parametrize(
    ("wire", "criteria"),
    [
        (b"(DATE)", (Criterion(By.DATE),)),
        (b"(reverse date)", (Criterion(By.DATE, True),)),
        (b"(SUBJECT REVERSE DISPLAYTO)", (Criterion(By.SUBJECT), Criterion(By.DISPLAYTO, True))),
        (b"(DATE SIZE REVERSE DATE)", (Criterion(By.DATE), Criterion(By.SIZE))),
    ],
)
def test_criteria(wire: bytes, criteria: tuple[Criterion, ...]) -> None:
    assert parse_criteria(Cursor(wire)) == criteria


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"()",
        b"DATE",
        b"(REVERSE)",
        b"(DATE REVERSE)",
        b"(REVERSE REVERSE DATE)",
        b"(X)",
    ],
)
def test_what_is_no_list_of_criteria(wire: bytes) -> None:
    with pytest.raises(ParseError):
        parse_criteria(Cursor(wire))
