"""A message for a server that takes seven bits only (RFC 6152 §3): its 8-bit parts encoded anew, all else as it was.

Left alone is what a signature inside the message covers (RFC 1847 §2.1), and what has no place for an encoding:
fields, and the text around the parts.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

import pybase64

from mailserver.mime.scan import scan
from mailserver.mime.structure import Part
from mailserver.mime.transfer import decode_body, is_known

# Whole fields with their folds; possessive: nothing is tried twice.
_ENCODING = re.compile(rb"^content-transfer-encoding[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z)", re.I | re.M)
_NAMED = re.compile(rb"^(content-type|mime-version)[ \t]*+:", re.I | re.M)
# multipart/signed and multipart/encrypted: whoever checks them needs the octets.
_SEALED = frozenset({"signed", "encrypted"})
# Octets of these are no lines of text, whatever the type says.
_WIDE = ("utf-16", "utf-32", "ucs-2")
_BASE64_LINE = 76

# (start, end, what stands there instead)
Edit = tuple[int, int, bytes]


def as_seven_bit(octets: bytes) -> bytes | None:
    """The same message in 7 bits; None where that cannot be done.

    octets: with CRLF line ends, without a signature of ours: it would have to be made anew. Blocks: call it in a
    thread.
    """
    made, at = [], 0
    for start, end, instead in _edits(octets):
        made += [octets[at:start], instead]
        at = end
    whole = b"".join([*made, octets[at:]])
    return whole if whole.isascii() else None


def _edits(octets: bytes) -> Iterator[Edit]:
    """In the order of the message."""
    root = scan(octets).structure.root
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if octets[part.body[0] : part.body[1]].isascii():
            continue
        inside = part.children or ((part.message,) if part.message is not None else ())
        if inside:
            yield from _relabelled(octets, part, b"7bit")
            if part.subtype not in _SEALED:
                waiting.extend(reversed(inside))
        elif part.type != "message" and is_known(part.encoding):
            yield from _encoded(octets, part, is_root=part is root)


def _encoded(octets: bytes, part: Part, *, is_root: bool) -> Iterator[Edit]:
    start, end = part.body
    content = decode_body(octets[start:end], part.encoding)
    if part.type == "text" and not (part.charset or "").startswith(_WIDE):
        label, instead = b"quoted-printable", _quoted_printable(content)
    else:
        label, instead = b"base64", _base64(content)
    yield from _relabelled(octets, part, label, content, is_root=is_root)
    yield start, end, instead + (b"\r\n" if is_root and not instead.endswith(b"\r\n") else b"")


def _relabelled(
    octets: bytes, part: Part, label: bytes, content: bytes = b"", *, is_root: bool = False
) -> Iterator[Edit]:
    """The header that says so; fields that are missing come last, below what servers put in front."""
    start, end = part.header
    field = b"Content-Transfer-Encoding: " + label + b"\r\n"
    found = list(_ENCODING.finditer(octets, start, end))
    for match in found:
        yield match.start(), match.end(), field if match is found[0] else b""
    if found:
        return
    if label == b"7bit":
        return
    names = {match[1].lower() for match in _NAMED.finditer(octets, start, end)}
    if b"content-type" not in names:
        field = b"Content-Type: text/plain; charset=" + _charset(content) + b"\r\n" + field
    if is_root and b"mime-version" not in names:
        field = b"MIME-Version: 1.0\r\n" + field
    yield end - 2, end - 2, field


def _charset(content: bytes) -> bytes:
    """RFC 1428 §3 for what nobody can name."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return b"unknown-8bit"
    return b"utf-8"


def _quoted_printable(content: bytes) -> bytes:
    lines = content.replace(b"\r\n", b"\n")
    return binascii.b2a_qp(lines, istext=True).replace(b"\r", b"=0D").replace(b"\n", b"\r\n")


def _base64(content: bytes) -> bytes:
    text = pybase64.b64encode(content)
    return b"\r\n".join(text[at : at + _BASE64_LINE] for at in range(0, len(text), _BASE64_LINE))
