"""Values as IMAP writes them (RFC 3501 §4.3): quoted strings in 7 bits, never literals.

A stored ENVELOPE or BODYSTRUCTURE is sent as it is to every client, so it must be safe for those
that did not ask for UTF-8.
"""

from __future__ import annotations

import re
from typing import Final

from mailserver.mime.words import decode_text, encode_text

# Printable ASCII without the double quote and the backslash.
_PLAIN: Final = re.compile(rb"[ !#-\[\]-~]*+")
_UNSENDABLE: Final = re.compile(rb"[\r\n\0]++")
_ESCAPED: Final = re.compile(rb'(["\\])')


def quoted(value: bytes) -> bytes:
    """A quoted string. CR, LF and NUL are dropped; text with 8-bit octets becomes encoded words."""
    if _PLAIN.fullmatch(value):
        return b'"' + value + b'"'
    value = _UNSENDABLE.sub(b"", value)
    if not value.isascii():
        value = b" ".join(encode_text(decode_text(value)))
    return b'"' + _ESCAPED.sub(rb"\\\1", value) + b'"'


def nstring(value: bytes | None) -> bytes:
    """A quoted string, or NIL for None."""
    return b"NIL" if value is None else quoted(value)
