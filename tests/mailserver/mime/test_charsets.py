"""Text from octets whose label is missing, wrong or dangerous."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.charsets import codec_of, decode, guess

VIET = "Tiếng Việt: đường, ưu, ằẳẵ"


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        pytest.param(VIET.encode(), "utf-8", VIET, id="right label"),
        pytest.param(VIET.encode(), "us-ascii", VIET, id="UTF-8 labelled ASCII"),
        pytest.param(VIET.encode(), None, VIET, id="no label"),
        pytest.param(VIET.encode(), "x-viet", VIET, id="unknown label"),
        pytest.param(VIET.encode(), '"UTF8"', VIET, id="label in quotes"),
        pytest.param(b"Vi\xea\xf2t", "windows-1258", "Việt", id="windows-1258 becomes NFC"),
        pytest.param(b"Vi\xea\xf2t", "utf-8", "Việt", id="windows-1258 labelled UTF-8"),
        pytest.param(b"caf\xe9 \x93x\x94", "iso-8859-1", "café “x”", id="ISO 8859-1 means windows-1252"),
        pytest.param(b"\xa4\xa4\xa4\xe5", "big5", "中文", id="big5"),
        pytest.param(b"\xff\xfea\0", "utf-16", "a", id="utf-16"),
        pytest.param(b"a\0b", "utf-8", "ab", id="NUL goes"),
        pytest.param(b"e\0\xcc\x81", "utf-8", "é", id="NUL goes before letters and marks are joined"),
        pytest.param(b"+2AA-", "utf-7", "\ufffd", id="half a surrogate pair"),
        pytest.param(b"a" * 60 + b"\xff", "utf-8", "a" * 60 + "\ufffd", id="one bad octet"),
        pytest.param(b"\x81\x8d", None, "\x81\x8d", id="nothing fits"),
    ],
)
def test_decoded(raw: bytes, label: str | None, text: str) -> None:
    assert decode(raw, label) == text


@pytest.mark.parametrize("label", ["punycode", "unicode_escape", "rot13", "zip", "idna", "undefined", "", "mbcs"])
def test_codecs_that_are_no_charsets_are_not_used(label: str) -> None:
    assert codec_of(label) is None


@given(st.binary(), st.sampled_from(["utf-8", "utf-7", "utf-16", "iso-2022-jp", "gb2312", "windows-1258", "hz"]))
def test_any_octets_give_text_that_can_be_stored(raw: bytes, label: str) -> None:
    for text in (decode(raw, label), guess(raw)):
        assert "\0" not in text
        text.encode()
