"""Parts encoded anew that could not travel as they are, all else as it was: 8-bit ones for a server that takes seven
bits only (RFC 6152 §3), and lines longer than SMTP allows (RFC 5321 §4.5.3.1.6), which servers refuse or break.

Left alone is what a signature inside the message covers (RFC 1847 §2.1), and what has no place for an encoding:
fields, and the text around the parts.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Mapping

from mailserver.mime.scan import scan
from mailserver.mime.structure import Part, Structure
from mailserver.mime.transfer import decode_body, encoded_base64, is_known

# Whole fields with their folds; possessive: nothing is tried twice.
_ENCODING = re.compile(
    rb"^content-transfer-encoding(?:[ \t]|\r\n[ \t])*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z)", re.I | re.M
)
_NAMED = re.compile(rb"^(content-type|mime-version)(?:[ \t]|\r\n[ \t])*+:", re.I | re.M)
# multipart/signed and multipart/encrypted: whoever checks them needs the octets.
_SEALED = frozenset({"signed", "encrypted"})
# Octets of these are no lines of text, whatever the type says.
_WIDE = ("utf-16", "utf-32", "ucs-2")

# Octets of a line without its end.
LONGEST_LINE = 998

# (start, end, what stands there instead)
Edit = tuple[int, int, bytes]


def as_seven_bit(octets: bytes) -> bytes | None:
    """The same message in 7 bits; None where that cannot be done.

    octets: with CRLF line ends, without a signature of ours: it would have to be made anew. Blocks: call it in a
    thread.
    """
    whole = _recoded(octets, lambda body: not body.isascii(), b"7bit")
    return whole if whole.isascii() else None


def with_short_lines(octets: bytes) -> bytes:
    """The same message without lines above LONGEST_LINE, as far as they are in parts that can be encoded.

    octets, and blocking: as for `as_seven_bit`.
    """
    return _recoded(octets, has_long_line, None) if has_long_line(octets) else octets


def has_long_line(octets: bytes) -> bool:
    """Whether a line is above LONGEST_LINE. Looks at one octet in some hundred."""
    at, end = 0, len(octets)
    while end - at > LONGEST_LINE + 2:
        last = octets.rfind(b"\r\n", at, at + LONGEST_LINE + 2)
        if last < 0:
            return True
        at = last + 2
    return end - at > LONGEST_LINE and b"\r\n" not in octets[at : at + LONGEST_LINE + 2]


def _recoded(octets: bytes, unfit: Callable[[bytes], bool], around: bytes | None) -> bytes:
    """The message as it was where its header is so broken that the outcome would be another message.

    unfit: whether a body has to be encoded. around: the label of what holds one.
    """
    before = scan(octets).structure
    labels: dict[tuple[int, ...], str] = {}
    made, at = [], 0
    for start, end, instead in _edits(octets, before.root, unfit, around, labels):
        made += [octets[at:start], instead]
        at = end
    whole = b"".join([*made, octets[at:]])
    return whole if _is_same(before, scan(whole).structure, labels) else octets


def _is_same(before: Structure, after: Structure, labels: Mapping[tuple[int, ...], str]) -> bool:
    """Whether all parts are there, and those that were encoded say how."""
    parts = list(after.walk())
    if [(one.path, one.media_type) for one in before.walk()] != [(one.path, one.media_type) for one in parts]:
        return False
    return all(labels.get(one.path, one.encoding) == one.encoding for one in parts if _is_leaf(one))


def _is_leaf(part: Part) -> bool:
    return not part.children and part.message is None


def _edits(
    octets: bytes, root: Part, unfit: Callable[[bytes], bool], around: bytes | None, labels: dict[tuple[int, ...], str]
) -> Iterator[Edit]:
    """In the order of the message. Fills `labels` with the new encodings by part number."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if not unfit(octets[part.body[0] : part.body[1]]):
            continue
        if not _is_leaf(part):
            if around is not None:
                yield from _relabelled(octets, part, around)
            if part.subtype not in _SEALED:
                waiting.extend(reversed(part.children))
                waiting.extend(() if part.message is None else (part.message,))
        elif part.type != "message" and is_known(part.encoding):
            label = "quoted-printable" if _is_text(part) else "base64"
            labels[part.path] = label
            yield from _encoded(octets, part, label.encode(), is_root=part is root)


def _is_text(part: Part) -> bool:
    return part.type == "text" and part.encoding != "base64" and not (part.charset or "").startswith(_WIDE)


def _encoded(octets: bytes, part: Part, label: bytes, *, is_root: bool) -> Iterator[Edit]:
    start, end = part.body
    content = decode_body(octets[start:end], part.encoding)
    instead = encoded_base64(content).removesuffix(b"\r\n") if label == b"base64" else _quoted_printable(content)
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
    """A line never begins as a delimiter does: a break might have brought one to where it counts."""
    lines = binascii.b2a_qp(content.replace(b"\r\n", b"\n"), istext=True).replace(b"\r", b"=0D")
    return (b"\n" + lines).replace(b"\n--", b"\n=2D-")[1:].replace(b"\n", b"\r\n")
