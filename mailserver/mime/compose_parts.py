"""Parts of new messages: texts, files and multiparts, each with its Content-* fields in front."""

from __future__ import annotations

import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from mailserver.mime import fields
from mailserver.mime.transfer import encoded_base64
from mailserver.mime.words import LINE, encode_text

# RFC 5322 §2.1.1: lines should be no longer than this, without CRLF.
_TEXT_LINE: Final = 78
# Octets of one section of a split parameter, so that its line is short.
_SECTION: Final = 55
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+\-]{1,100}/[A-Za-z0-9!#$&^_.+\-]{1,100}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send. media_type: "type/subtype". inline_id: Content-ID that the HTML refers to."""

    filename: str
    media_type: str
    data: bytes
    inline_id: str | None = None


def multipart(subtype: str, parts: list[bytes]) -> bytes:
    """A multipart of finished parts."""
    # Random, and with "=_", which neither base64 nor quoted-printable can have.
    boundary = b"=_" + secrets.token_hex(16).encode("ascii")
    head = b'Content-Type: multipart/%b;\r\n boundary="%b"\r\n\r\n' % (subtype.encode("ascii"), boundary)
    body = b"".join([b"--%b\r\n%b\r\n" % (boundary, part) for part in parts])
    return head + body + b"--%b--\r\n" % boundary


def text_part(subtype: str, text: str) -> bytes:
    """A text in UTF-8 with CRLF line ends, in the encoding that makes it shortest."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    raw = "\r\n".join(lines).encode("utf-8", "replace")
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    encoding, body = _shortest(raw)
    head = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n"
    return head % (subtype.encode("ascii"), encoding) + body


def _shortest(raw: bytes) -> tuple[bytes, bytes]:
    """7bit where the text allows it, else the shorter one of quoted-printable and base64."""
    if raw.isascii() and b"\0" not in raw and max(map(len, raw.split(b"\r\n"))) <= _TEXT_LINE:
        return b"7bit", raw
    quoted = binascii.b2a_qp(raw, istext=True)
    encoded = encoded_base64(raw)
    return (b"quoted-printable", quoted) if len(quoted) <= len(encoded) else (b"base64", encoded)


def file_part(attachment: Attachment) -> bytes:
    """A file. Raises ValueError for a media type that is none and for line ends in the name."""
    if not _MEDIA_TYPE.fullmatch(attachment.media_type):
        raise ValueError(f"not a media type: {attachment.media_type!r}")
    inline = attachment.inline_id is not None
    name = fields.checked(attachment.filename).replace("/", "_").replace("\\", "_")
    lines = (
        b"Content-Type: " + attachment.media_type.encode("ascii") + b";\r\n " + _name_parameter(name),
        b"Content-Disposition: " + (b"inline" if inline else b"attachment") + b";\r\n " + _filename_parameter(name),
        b"Content-Transfer-Encoding: base64",
        fields.identifiers("Content-ID", (attachment.inline_id,) if attachment.inline_id is not None else ()),
    )
    return b"\r\n".join(lines) + b"\r\n" + encoded_base64(attachment.data)


def _name_parameter(name: str) -> bytes:
    """name= for Outlook, which does not read RFC 2231: RFC 2047 in it (MimeKit #186)."""
    if fields.is_plain(name):
        return b'name="' + fields.escaped(name) + b'"'
    return b'name="' + b"\r\n ".join(encode_text(name, LINE - len(' name="'))) + b'"'


def _filename_parameter(name: str) -> bytes:
    """filename= or, where it is not ASCII, filename*= (RFC 2231 §4), split between characters."""
    if fields.is_plain(name) and len(name) <= _SECTION:
        return b'filename="' + fields.escaped(name) + b'"'
    characters = [quote(character, safe="", errors="replace").encode("ascii") for character in name]
    if sum(map(len, characters)) <= _SECTION:
        return b"filename*=UTF-8''" + b"".join(characters)
    sections = [b"UTF-8''"]
    for character in characters:
        if len(sections[-1]) + len(character) > _SECTION:
            sections.append(b"")
        sections[-1] += character
    return b";\r\n ".join([b"filename*%d*=%b" % (number, text) for number, text in enumerate(sections)])
