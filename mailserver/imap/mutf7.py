"""Modified UTF-7, the spelling of mailbox names in IMAP4rev1 (RFC 3501 §5.1.3), and plain UTF-8, theirs
once a client has enabled it (RFC 6855 §3, RFC 9051 §5.1)."""

from __future__ import annotations

import binascii
import re
import unicodedata

# A run of base64 between "&" and "-"; the possessive class keeps matching linear.
_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_PLAIN = re.compile(r"[\x20-\x7e]+")


class NameInvalid(ValueError):
    """A mailbox name that is not valid modified UTF-7, or holds control characters."""


def encode(name: str) -> bytes:
    """The wire form of a mailbox name; always 7-bit and decodable by `decode`."""
    out: list[bytes] = []
    at = 0
    for plain in _PLAIN.finditer(name):
        if plain.start() > at:
            out.append(_shift(name[at : plain.start()]))
        out.append(plain.group().replace("&", "&-").encode("ascii"))
        at = plain.end()
    if at < len(name):
        out.append(_shift(name[at:]))
    return b"".join(out)


def _shift(text: str) -> bytes:
    coded = binascii.b2a_base64(text.encode("utf-16-be", "surrogatepass"), newline=False)
    return b"&" + coded.rstrip(b"=").replace(b"/", b",") + b"-"


def decode(raw: bytes, utf8: bool = False) -> str:
    """The Unicode name (NFC) that `raw` spells.

    utf8: the client has enabled UTF-8, where "&" stands for itself (Thunderbird: mox `parse.go:400`).
    Otherwise octets above 127 mean that the client wrote UTF-8 all the same, as Android Thunderbird
    does (thunderbird-android PR 9241). Raises NameInvalid for anything that
    RFC 3501 §5.1.3 does not allow: an unterminated or padded run, lone surrogates, printable ASCII
    in base64, and control characters, which could otherwise be echoed into a response.
    """
    return unicodedata.normalize("NFC", spelling(raw, utf8))


def spelling(raw: bytes, utf8: bool = False) -> str:
    """As `decode`, not normalised."""
    name = _decode_utf8(raw) if utf8 or not raw.isascii() else _decode_ascii(raw)
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise NameInvalid("Mailbox name holds control characters")
    return name


def _decode_utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NameInvalid("Mailbox name is neither modified UTF-7 nor UTF-8") from error


def _decode_ascii(raw: bytes) -> str:
    out: list[str] = []
    at = 0
    while True:
        amp = raw.find(b"&", at)
        if amp < 0:
            out.append(raw[at:].decode("ascii"))
            return "".join(out)
        out.append(raw[at:amp].decode("ascii"))
        match = _SHIFTED.match(raw, amp)
        if match is None:
            raise NameInvalid("Mailbox name has an unterminated base64 run")
        out.append(_unshift(match.group(1)) if match.group(1) else "&")
        at = match.end()


def _unshift(coded: bytes) -> str:
    padded = coded.replace(b",", b"/") + b"=" * (-len(coded) % 4)
    try:
        text = binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NameInvalid("Mailbox name has an invalid base64 run") from error
    if _PLAIN.search(text):
        raise NameInvalid("Mailbox name hides printable ASCII in base64")
    return text
