"""Attachments kept decoded: base64 text that is nothing but its content wrapped at one width.

Mail programs encode the same file with lines of 76, 72, 64 … characters. Kept decoded, it is one blob
whoever sent it, a quarter smaller, and compressible; and it comes back octet for octet.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

import pybase64

from mailserver.mime.transfer import decode_body, encoded_base64, regular_breaks

_CRLF = b"\r\n"
# Longest line looked for; base64 without any line break has width 0.
_LONGEST = 998
# What the library wraps at by itself (RFC 2045 §6.8), in a seventh of the time.
_USUAL = 76
_CODEC = re.compile(r"base64-(\d{1,3})")


class Wrapped(NamedTuple):
    """content: decoded; width: characters a line; size: octets of the message that this stands for."""

    content: bytes
    width: int
    size: int

    @property
    def codec(self) -> str:
        return f"base64-{self.width}"


def unwrap(data: bytes, start: int, end: int, decoded: bytes | None = None) -> Wrapped | None:
    """The content of base64 text in data[start:end], if encoding it again gives these octets; else None.

    The CRLF after the last line is taken along where there is one, even if it stands at `end` (the one
    before a boundary); white space after that is left to the caller. decoded: these octets with the encoding undone,
    by however tolerant a decoder, where the caller has it.
    """
    first = data.find(_CRLF, start, min(end, start + _LONGEST + 2))
    width = first - start if first >= 0 else 0
    if width % 4 or (first >= 0 and not width):
        return None
    content = decode_body(data[start:end], "base64") if decoded is None else decoded
    stop = end - len(_CRLF) if data.startswith(_CRLF, end - len(_CRLF), end) else end
    if _is_wrapped(data, start, stop, width, content):
        return Wrapped(content, width, stop - start + (len(_CRLF) if data.startswith(_CRLF, stop) else 0))
    try:  # ends at the padding, whatever stands behind it: a list's footer, say
        content = binascii.a2b_base64(data[start:end])
    except binascii.Error:
        return None
    text = wrap(content, width)
    for size in (len(text), len(text) - len(_CRLF)):
        if data.startswith(text[:size], start):
            return Wrapped(content, width, size)
    return None


def _is_wrapped(data: bytes, start: int, end: int, width: int, content: bytes) -> bool:
    """Whether data[start:end], of which a tolerant decoder made `content`, is that wrapped, without CRLF at its end.

    Where line ends stand at their places, anything else that is no digit would have made the content shorter, for n
    digits give at most 3n/4 octets. That leaves the last group, whose spare bits need not be zero.
    """
    breaks = regular_breaks(data, start, end, width) if width else 0
    if breaks is None:
        return False
    digits = end - start - 2 * breaks
    padding = data.count(b"=", max(start, end - 2), end)
    if digits <= 0 or digits % 4 or len(content) != digits // 4 * 3 - padding:
        return False
    return pybase64.b64encode(content[padding - 3 :]) == data[end - 4 : end]


def wrap(content: bytes, width: int) -> bytes:
    """Base64 with CRLF after every `width` characters and at the end; width 0: one line."""
    if width == _USUAL:
        return encoded_base64(content)
    encoded = pybase64.b64encode(content)
    if not width:
        return encoded + _CRLF
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    lines.append(b"")
    return _CRLF.join(lines)


def wrapped_range(content: bytes, width: int, start: int, end: int) -> bytes:
    """wrap(content, width)[start:end], encoding only the lines it touches."""
    characters = width or 4
    line = characters + len(_CRLF) if width else characters
    octets = characters // 4 * 3
    first, last = start // line, -(-end // line)
    piece = content[first * octets : last * octets]
    return wrap(piece, width)[start - first * line : end - first * line]


def width_of(codec: str) -> int | None:
    """The width in a segment's codec; None if the segment is not base64."""
    found = _CODEC.fullmatch(codec)
    return int(found[1]) if found else None
