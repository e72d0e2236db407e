"""Result options and the ESEARCH response, octet by octet."""

from __future__ import annotations

import pytest

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.search.page import Page
from mailserver.imap.search.results import Returns, esearch, parse_returns


@pytest.mark.parametrize(
    ("wire", "returns"),
    [
        (b"RETURN () ALL", Returns(everything=True)),
        (b"return (min) ALL", Returns(minimum=True)),
        (b"RETURN (MIN MAX COUNT ALL) ALL", Returns(True, True, True, True)),
        (b"RETURN (COUNT COUNT) ALL", Returns(count=True)),
        (b"RETURN (SAVE) ALL", Returns(save=True)),
        (b"RETURN (partial 1:100) ALL", Returns(page=Page(1, 100, False, b"1:100"))),
        (b"RETURN (COUNT PARTIAL -9:-1) ALL", Returns(count=True, page=Page(1, 9, True, b"-9:-1"))),
        (b"ALL", None),
        (b"(RETURN)", None),
    ],
)
def test_options(wire: bytes, returns: Returns | None) -> None:
    assert parse_returns(Cursor(wire)) == returns


@pytest.mark.parametrize(
    "wire",
    [
        b"RETURN ALL", b"RETURN (NONSENSE) ALL", b"RETURN (MIN)", b"RETURN (MIN", b"RETURN (PARTIAL) ALL",
        b"RETURN (PARTIAL 0:5) ALL", b"RETURN (PARTIAL 1:*) ALL", b"RETURN (PARTIAL -1:5) ALL",
        b"RETURN (PARTIAL 1:4294967296) ALL", b"RETURN (PARTIAL 5) ALL", b"RETURN (PARTIAL 1:5 ALL) ALL",
        b"RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL",
    ],
)  # fmt: skip
def test_what_are_no_options(wire: bytes) -> None:
    with pytest.raises(ParseError):
        parse_returns(Cursor(wire))


@pytest.mark.parametrize(
    ("returns", "modseq"),
    [
        (Returns(minimum=True), b"MIN 2 MODSEQ 7"),
        (Returns(maximum=True), b"MAX 9 MODSEQ 8"),
        (Returns(minimum=True, maximum=True), b"MIN 2 MAX 9 MODSEQ 8"),
        (Returns(minimum=True, count=True), b"MIN 2 COUNT 3 MODSEQ 30"),
        (Returns(everything=True), b"ALL 2,5,9 MODSEQ 30"),
        (Returns(page=Page(2, 2, False, b"2:2")), b"PARTIAL (2:2 5) MODSEQ 30"),
        (Returns(minimum=True, page=Page(1, 1, True, b"-1:-1")), b"MIN 2 PARTIAL (-1:-1 9) MODSEQ 8"),
    ],
)
def test_modseq_is_of_what_is_returned(returns: Returns, modseq: bytes) -> None:
    """RFC 4731 §3.2: of MIN and MAX alone, those messages'."""
    assert esearch(returns, b"a", False, [2, 5, 9], [7, 30, 8]) == b'* ESEARCH (TAG "a") ' + modseq + b"\r\n"


def test_of_nothing_only_the_count_is_said() -> None:
    assert esearch(Returns(True, True, True, True), b"a", True, [], []) == b'* ESEARCH (TAG "a") UID COUNT 0\r\n'


@pytest.mark.parametrize(
    ("wire", "found"),
    [
        (b"1:2", [11, 12]),
        (b"2:1", [11, 12]),
        (b"4:9", [14, 15]),
        (b"6:9", []),
        (b"-1:-2", [14, 15]),
        (b"-4:-100", [11, 12]),
        (b"-5:-5", [11]),
        (b"-6:-9", []),
    ],
)
def test_a_page_is_cut_from_either_end(wire: bytes, found: list[int]) -> None:
    page = Page.parse(Cursor(wire))
    assert page.of([11, 12, 13, 14, 15]) == found
    assert page.of([]) == []
    assert page.wire == wire


def test_a_page_of_nothing_is_told() -> None:
    """RFC 9394 §3.1."""
    returns = Returns(page=Page(6, 9, False, b"6:9"))
    assert esearch(returns, b"a", True, [1], None) == b'* ESEARCH (TAG "a") UID PARTIAL (6:9 NIL)\r\n'


@pytest.mark.parametrize(
    ("returns", "meant"),
    [
        (Returns(save=True), [4, 5, 6, 7]),
        (Returns(save=True, everything=True), [4, 5, 6, 7]),
        (Returns(save=True, minimum=True), [4]),
        (Returns(save=True, minimum=True, maximum=True), [4, 7]),
        (Returns(save=True, minimum=True, count=True), [4, 5, 6, 7]),
        (Returns(save=True, page=Page(2, 3, False, b"2:3")), [5, 6]),
        (Returns(save=True, maximum=True, page=Page(2, 3, False, b"2:3")), [5, 6, 7]),
        (Returns(save=True, count=True, page=Page(2, 3, False, b"2:3")), [4, 5, 6, 7]),
    ],
)
def test_what_the_options_are_about(returns: Returns, meant: list[int]) -> None:
    """RFC 5182 §2.4, RFC 9394 §3.2."""
    assert list(returns.meant([4, 5, 6, 7])) == meant
    assert list(returns.meant([])) == []
