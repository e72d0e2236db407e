"""Tokens, octet by octet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.imap.commands.registry import COMMANDS
from mailserver.imap.literals import MemoryLiteral
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'"quoted"', b"quoted"),
        (b'"a \\"b\\" \\\\"', b'a "b" \\'),
        (b'""', b""),
        (b"atom]", b"atom]"),
        (b"\xc4\x91i", b"\xc4\x91i"),
    ],
)
def test_an_astring_is_an_atom_or_a_quoted_string(data: bytes, value: bytes) -> None:
    cursor = Cursor(data)
    assert cursor.astring() == value
    cursor.end()


def test_a_literal_is_found_by_its_place() -> None:
    cursor = Cursor(b"{3} {3+}", {3: MemoryLiteral(b"one"), 8: MemoryLiteral(b"two")})
    assert cursor.astring() == b"one"
    cursor.space()
    assert cursor.astring() == b"two"


@pytest.mark.parametrize("data", [b"", b'"open', b'"bad \\n escape"', b"{5}", b"(", b")", b'"nul \x00"', b'"cr \r"'])
def test_what_is_no_string_is_an_error(data: bytes) -> None:
    with pytest.raises(ParseError):
        Cursor(data).astring()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"inbox", "INBOX"),
        (b"InBox/Sub", "INBOX/Sub"),
        (b"inboxes", "inboxes"),
        (b'"Archive/"', "Archive"),  # Dovecot tb-extra-mailbox-sep
        (b"V&AQM-n", "Văn"),
    ],
)
def test_a_mailbox_name_has_one_spelling(data: bytes, name: str) -> None:
    assert Cursor(data).mailbox() == name


def test_an_invalid_name_is_refused_not_unparsable() -> None:
    with pytest.raises(NameRefused):
        Cursor(b"&AAA").mailbox()


def test_numbers_have_a_limit() -> None:
    assert Cursor(b"4294967295").number() == 4294967295
    with pytest.raises(ParseError):
        Cursor(b"4294967296").number()


NESTED: list[Callable[[int], bytes]] = [
    lambda depth: b" " + b"(" * depth + b"ALL" + b")" * depth,
    lambda depth: b" " + b"NOT " * depth + b"ALL",
    lambda depth: b" " + b"OR ALL " * depth + b"ALL",
]


@pytest.mark.parametrize("nested", NESTED)
def test_nesting_has_a_limit(nested: Callable[[int], bytes]) -> None:
    """CVE-2026-27857: parentheses without end."""
    parse = COMMANDS[b"SEARCH"].parse
    parse(Cursor(nested(40)))
    for depth in (60, 20_000):
        with pytest.raises(ParseError):
            parse(Cursor(nested(depth)))


MARKS = [bytes([octet]) for octet in rb' ()[]<>{3}1:*%&."' + b"\\\xff\r\n"]
WORDS = b"1 BODY BODY.PEEK HEADER.FIELDS FLAGS +FLAGS INBOX ALL OR NOT CHARSET RETURN UID 1:* (USE {3} {3+}".split()
TOKENS = st.lists(
    st.sampled_from(MARKS + WORDS) | st.binary(max_size=6),
    max_size=30,
)


@given(st.sampled_from(sorted(COMMANDS)), TOKENS)
def test_every_parser_answers_or_refuses_any_octets(name: bytes, tokens: list[bytes]) -> None:
    data = b" " + b"".join(tokens)
    literals = {at: MemoryLiteral(b"abc") for at in range(len(data) + 1) if data[:at].endswith((b"{3}", b"{3+}"))}
    try:
        COMMANDS[name].parse(Cursor(data, literals))
    except (ParseError, NameRefused):
        return


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        (b"FETCH", b" " + b"1," * 300_000 + b"1 FLAGS"),
        (b"FETCH", b" 1 " + b"(" * 600_000),
        (b"FETCH", b" 1 BODY[" + b"1." * 300_000 + b"]"),
        (b"LIST", b' "" ' + b"%*" * 300_000),
        (b"STORE", b" 1 FLAGS (" + b"a " * 300_000 + b")"),
        (b"SEARCH", b" " + b"ALL " * 150_000 + b"ALL"),
        (b"ID", b" (" + b'"a" ' * 150_000 + b")"),
        (b"STATUS", b" &" + b"A" * 600_000 + b" (MESSAGES)"),
    ],
)
@pytest.mark.timeout(30)
def test_nonsense_ten_times_as_long_as_a_line_may_be_holds_nobody_up(name: bytes, octets: bytes) -> None:
    with contextlib.suppress(ParseError, NameRefused):
        COMMANDS[name].parse(Cursor(octets))
