"""Transfer encodings, undone tolerantly and counted without undoing them."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailserver.mime.transfer import decode_body, decoded_length


@pytest.mark.parametrize(
    ("raw", "encoding", "content"),
    [
        pytest.param(b"eGlu\r\nIGNow6Bv\r\n", "base64", "xin chào".encode(), id="base64"),
        pytest.param(b"eGlu!IGNo*w6Bv", "base64", "xin chào".encode(), id="other octets within"),
        pytest.param(b"eGlu\r\nIGNow6B", "base64", b"xin ch\xc3\xa0", id="truncated"),
        pytest.param(b"eGlu\r\nI", "base64", b"xin", id="one letter left over"),
        pytest.param(b"YQ==\r\nYg==\r\n", "base64", b"ab", id="several padded pieces"),
        pytest.param(b"", "base64", b"", id="empty base64"),
        pytest.param(b"ch=C3=A0o=\r\n b=\n!\r\n", "quoted-printable", "chào b!\r\n".encode(), id="quoted-printable"),
        pytest.param(b"a=ZZ=", "quoted-printable", b"a=ZZ", id="broken quoted-printable"),
        pytest.param(b"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", "x-uuencode", b"abc", id="uuencode"),
        pytest.param(b"no begin line\r\n", "x-uuencode", b"no begin line\r\n", id="no uuencode at all"),
        pytest.param(b"abc", "7bit", b"abc", id="7bit"),
        pytest.param(b"abc", "x-unknown", b"abc", id="unknown"),
    ],
)
def test_decoded(raw: bytes, encoding: str, content: bytes) -> None:
    assert decode_body(raw, encoding) == content


@given(st.binary(max_size=400), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "binary", ""]))
def test_any_octets_can_be_decoded(raw: bytes, encoding: str) -> None:
    decode_body(raw, encoding)
    assert 0 <= decoded_length(raw, 0, len(raw), encoding) <= len(raw)


@given(st.binary(max_size=1_000))
def test_the_decoded_length_is_that_of_the_content(content: bytes) -> None:
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    for between in (b"", b"\r\n", b"\r\n\r\n", b"\n"):
        text = encoded.replace(b"\r\n", b"\r\n" + between) if between == b"\n" else encoded + between
        assert decoded_length(text, 0, len(text), "base64") == len(content)
    quoted = quopri.encodestring(content.replace(b"\r", b"").replace(b"\n", b"")).replace(b"\n", b"\r\n")
    assert decoded_length(b"xx" + encoded + b"==", 2, 2 + len(encoded), "base64") == len(content)
    assert decoded_length(quoted, 0, len(quoted), "quoted-printable") == len(decode_body(quoted, "quoted-printable"))
