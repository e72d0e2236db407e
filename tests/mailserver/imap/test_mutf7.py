"""Modified UTF-7: what clients write, what nobody may write, and that nothing hangs."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.imap import mutf7

NAMES = [
    ("INBOX", b"INBOX"),
    ("Văn bản đến", b"V&AQM-n b&HqM-n &AREevw-n"),
    ("Công văn đi/Chờ xử lý", b"C&APQ-ng v&AQM-n &ARE-i/Ch&Ht0- x&Hu0- l&AP0-"),
    ("R&D", b"R&-D"),
    ("&", b"&-"),
    ("😀", b"&2D3eAA-"),
    ("", b""),
]


@pytest.mark.parametrize(("name", "wire"), NAMES)
def test_a_name_has_one_spelling_on_the_wire(name: str, wire: bytes) -> None:
    """Vietnamese folder names, "&", and pairs of surrogates (stalwart #90, #2564)."""
    assert mutf7.encode(name) == wire
    assert mutf7.decode(wire) == name


@pytest.mark.parametrize(
    "wire",
    [
        b"&AAA",  # unterminated: pymap's event loop never came back from this one
        b"abc&",
        b"&AAA &-",
        b"&A-",  # no whole code unit
        b"&AGE-",  # "a" in base64
        b"&2D0-",  # half a surrogate pair
        b"&AA0ACg-",  # CR LF: Dovecot echoed them into its answer
        b"&AAA-",
        b"a\rb",
        b"a\x00b",
        b"\xff\xfe",
    ],
)
def test_what_is_no_valid_spelling_is_refused(wire: bytes) -> None:
    with pytest.raises(mutf7.NameInvalid):
        mutf7.decode(wire)


def test_a_long_unterminated_run_is_refused_at_once() -> None:
    with pytest.raises(mutf7.NameInvalid):
        mutf7.decode(b"&" + b"A" * 60_000)


def test_utf8_is_taken_as_it_is_and_composed() -> None:
    """thunderbird-android PR 9241 sends UTF-8; macOS sends it decomposed."""
    assert mutf7.decode(unicodedata.normalize("NFD", "Chờ xử lý").encode()) == "Chờ xử lý"
    assert mutf7.decode("Đến & đi".encode()) == "Đến & đi"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_every_name_comes_back(name: str) -> None:
    wire = mutf7.encode(name)
    assert wire.isascii()
    assert mutf7.decode(wire) == unicodedata.normalize("NFC", name)


@given(st.binary())
def test_any_octets_are_decoded_or_refused(raw: bytes) -> None:
    try:
        name = mutf7.decode(raw)
    except mutf7.NameInvalid:
        return
    assert "\r" not in name and "\n" not in name and "\0" not in name
