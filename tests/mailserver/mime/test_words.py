"""Encoded words, read from what people's programs write and written for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.charsets import tidy
from mailserver.mime.words import decode_text, encode_text, read_words


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"plain", "plain", id="plain"),
        pytest.param(b"=?UTF-8?B?Vmnhu4d0?=", "Việt", id="base64"),
        pytest.param(b"=?utf-8?q?Vi=E1=BB=87t_Nam?=", "Việt Nam", id="quoted"),
        pytest.param(b"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab", id="space between words goes"),
        pytest.param(b"=?utf-8?Q?a?= c =?utf-8?Q?b?=", "a c b", id="space beside text stays"),
        pytest.param(b"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab", id="fold between words"),
        pytest.param(b"=?utf-8?Q?Vi=E1?= =?utf-8?Q?=BB=87t?=", "Việt", id="character split between words"),
        pytest.param(b"=?utf-8?B?Vmnhuw==?= =?UTF-8?B?h3Q=?=", "Việt", id="split character, padded pieces"),
        pytest.param(b"=?utf-8?B?Vmnhu4d0?= =?iso-8859-1?Q?=E9?=", "Việté", id="charsets change"),
        pytest.param(b"=?utf-8*vi?Q?a?=", "a", id="language suffix, RFC 2231"),
        pytest.param(b"=?utf-8?Q?a b?=", "a b", id="space within a word"),
        pytest.param(b"x=?utf-8?Q?a?=y", "xay", id="no space around"),
        pytest.param(b"=?windows-1258?Q?Vi=EA=F2t?=", "Việt", id="windows-1258 becomes NFC"),
        pytest.param(b"=?x-unknown?Q?Vi=E1=BB=87t?=", "Việt", id="unknown charset"),
        pytest.param(b"=?utf-8?Q?=E9?=", "é", id="wrong charset"),
        pytest.param(b"=?utf-8?B?Vmnhu4d0", "=?utf-8?B?Vmnhu4d0", id="unfinished word stays"),
        pytest.param(b"=?utf-8?X?abc?=", "=?utf-8?X?abc?=", id="unknown encoding stays"),
        pytest.param(b"=?utf-8?B?a?=", "=?utf-8?B?a?=", id="one letter is no base64"),
        pytest.param(b"=?utf-8?B?Vmnhu4d0=?=", "Việt", id="too much padding"),
        pytest.param(b"=?utf-8?B?YWI?=", "ab", id="missing padding"),
        pytest.param(b"=?punycode?Q?a-b?=", "a-b", id="codecs that are no charsets"),
        pytest.param(b"=?utf-8?Q?a=00b?=", "ab", id="NUL goes"),
        pytest.param("Tiếng Việt".encode(), "Tiếng Việt", id="raw UTF-8"),
        pytest.param(b"Vi\xea\xf2t", "Việt", id="raw windows-1258"),
        pytest.param(b"a\r\n b\r\n\tc", "a b\tc", id="folds"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_decoded_text(raw: bytes, text: str) -> None:
    assert decode_text(raw) == text


@given(st.text(min_size=1))
def test_written_words_are_read_back(text: str) -> None:
    assert read_words(b" ".join(encode_text(text))).stated == tidy(text)


@given(st.text(min_size=1, max_size=300), st.integers(min_value=30, max_value=75))
def test_written_words_are_short_and_of_whole_characters(text: str, first: int) -> None:
    words = encode_text(text, first)
    assert len(words[0]) <= first
    for word in words:
        assert len(word) <= 75
        decode_text(word).encode()
        assert "\ufffd" not in decode_text(word) or "\ufffd" in text
