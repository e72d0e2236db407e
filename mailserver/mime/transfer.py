"""Content transfer encodings (RFC 2045 §6), undone tolerantly."""

from __future__ import annotations

import binascii
import re
from typing import Final

import pybase64

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]++")
_PADDING: Final = re.compile(rb"=++")
# Padded pieces of one base64 body that are told apart.
_MOST_PIECES: Final = 1_000
_UU_BEGIN: Final = re.compile(rb"(?:\A|\n)begin(?:-base64)? [0-7]{3,4} [^\n]*+\n")
_IDENTITY: Final = frozenset({"7bit", "8bit", "binary"})
_UU_NAMES: Final = frozenset({"x-uuencode", "x-uue", "uuencode", "uue"})


def is_known(encoding: str) -> bool:
    """Whether `decode_body` undoes this Content-Transfer-Encoding (in lower case)."""
    return encoding in _IDENTITY or encoding in _UU_NAMES or encoding in ("base64", "quoted-printable")


def decode_body(raw: bytes, encoding: str) -> bytes:
    """The content of a part. Unknown encodings and what cannot be decoded come back as they are.

    encoding: Content-Transfer-Encoding in lower case. Never raises.
    """
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding in _UU_NAMES:
        return _uuencoded(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    padding = raw.find(b"=")
    if padding < 0 or not raw[padding:].strip(b"=\r\n\t "):
        try:
            return pybase64.b64decode(raw)
        except binascii.Error:
            pass
    # Several padded pieces in one body (the library stops at the first), or a truncated end.
    decoded: list[bytes] = []
    for piece in _PADDING.split(_NOT_BASE64.sub(b"", raw), maxsplit=_MOST_PIECES):
        digits = piece.replace(b"=", b"")
        decoded.append(binascii.a2b_base64(digits[: len(digits) - (len(digits) % 4 == 1)] + b"=="))
    return b"".join(decoded)


def _uuencoded(raw: bytes) -> bytes:
    begin = _UU_BEGIN.search(raw)
    if begin is None:
        return raw
    decoded: list[bytes] = []
    for line in raw[begin.end() :].split(b"\n"):
        line = line.rstrip(b"\r")
        if line in (b"", b"`", b"end"):
            break
        decoded.append(_uu_line(line))
    return b"".join(decoded)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        pass
    # Writers that pad the last group with the wrong length.
    length = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return b""


def _line_ends(data: bytes, start: int, end: int) -> int:
    """Octets of CR and LF in base64. Counting them in megabytes takes ten times as long as seeing that they stand
    after every so many digits; others between those would be no digits, and the text not well-formed."""
    width = data.find(b"\r\n", start, min(end, start + 1_000)) - start
    if width > 0:
        breaks = regular_breaks(data, start, end, width) or 0
        start += breaks * (width + 2)  # the last line ends where it likes
        return 2 * breaks + data.count(b"\n", start, end) + data.count(b"\r", start, end)
    return data.count(b"\n", start, end) + data.count(b"\r", start, end)


def regular_breaks(data: bytes, start: int, end: int, width: int) -> int | None:
    """How many CRLF stand in data[start:end], one after every `width` octets; None if some of them do not."""
    returns, feeds = data[start + width : end : width + 2], data[start + width + 1 : end : width + 2]
    if returns != b"\r" * len(returns) or feeds != b"\n" * len(feeds):
        return None
    return len(feeds)


def decoded_length(data: bytes, start: int, end: int, encoding: str) -> int:
    """Octets of data[start:end] with the transfer encoding undone, counted without decoding.

    Exact for well-formed base64 and quoted-printable, never more than end - start.
    """
    size = end - start
    if encoding == "base64":
        digits = size - _line_ends(data, start, end)
        padding = data.count(b"=", max(start, end - 8), end)
        return max(0, digits // 4 * 3 - min(padding, 2))
    if encoding == "quoted-printable":
        saved = 2 * data.count(b"=", start, end) + data.count(b"=\r\n", start, end)
        return max(0, size - saved)
    return size


def encoded_base64(content: bytes) -> bytes:
    """76 characters a line (RFC 2045 §6.8), CRLF after each; a file written so is kept decoded by the store."""
    return pybase64.encodebytes(content).replace(b"\n", b"\r\n")
