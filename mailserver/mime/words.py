"""Encoded words in header fields (RFC 2047), read tolerantly and written exactly."""

from __future__ import annotations

import binascii
import re
from typing import Final

from mailserver.mime import charsets
from mailserver.mime.charsets import Decoded

# Broken writers leave spaces in the encoded text, so only "?" ends it.
_WORD: Final = re.compile(rb"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*+)\?=")
_HEX_OCTET: Final = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]++")
_START: Final = b"=?UTF-8?B?"
_END: Final = b"?="
# RFC 2047 §2: a line with encoded words has at most 76 characters, a word at most 75.
LINE: Final = 76
_LONGEST_WORD: Final = 75


def decode_text(value: bytes) -> str:
    """A header field's text: encoded words decoded, 8-bit octets guessed, unfolded, NFC.

    Adjacent words of one charset are joined before decoding, because writers split a character
    between two words. A word that cannot be decoded stays as it is. Text from before Unicode is
    repaired. Never raises.
    """
    return read_words(value).text


def read_words(value: bytes) -> Decoded:
    """As `decode_text`, and what the field said before it was repaired."""
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r", b"").replace(b"\n", b"")
    if b"=?" not in value:
        return charsets.decoded(value, None)
    out: list[Decoded] = []
    run: list[bytes] = []
    run_charset = ""
    at = 0
    for word in _WORD.finditer(value):
        raw = _octets(word[2], word[3])
        if raw is None:
            continue
        gap = value[at : word.start()]
        charset = word[1].partition(b"*")[0].decode("latin-1").lower()
        adjacent = bool(run) and not gap.strip()
        if not (adjacent and charset == run_charset):
            if run:
                out.append(charsets.decoded(b"".join(run), run_charset))
            if not adjacent and gap:
                out.append(charsets.decoded(gap, None))
            run, run_charset = [], charset
        run.append(raw)
        at = word.end()
    if run:
        out.append(charsets.decoded(b"".join(run), run_charset))
    if at < len(value):
        out.append(charsets.decoded(value[at:], None))
    return charsets.joined(out)


def _octets(encoding: bytes, text: bytes) -> bytes | None:
    if encoding in b"qQ":
        return _HEX_OCTET.sub(_one_octet, text.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        pass
    digits = _NOT_BASE64.sub(b"", text)
    if len(digits) % 4 == 1:
        return None
    return binascii.a2b_base64(digits + b"==")


def _one_octet(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))


def encode_text(text: str, first: int = _LONGEST_WORD) -> list[bytes]:
    """The encoded words (UTF-8, base64) of a text, each of whole characters and at most 75 octets.

    first: octets that the first word may have, as it shares its line with the field's name. The
    caller puts a space or a fold between the words.
    """
    words: list[bytes] = []
    raw = text.encode("utf-8", "replace")
    start, room = 0, first
    while start < len(raw):
        end = min(start + _octets_in(room), len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        words.append(_START + binascii.b2a_base64(raw[start:end], newline=False) + _END)
        start, room = end, _LONGEST_WORD
    return words


def _octets_in(room: int) -> int:
    """How many octets a word of this length can hold; enough for a character even if it is too short."""
    return max((room - len(_START) - len(_END)) // 4 * 3, 6)
