"""Composing a new message: CRLF line ends, a header of 7-bit octets, UTF-8 text."""

from __future__ import annotations

import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote

from mailserver.mime.address import Address
from mailserver.mime.words import encode_text

# RFC 5322 §2.1.1: lines should be no longer than this, without CRLF.
_LINE: Final = 78
_NOT_IN_A_FIELD: Final = re.compile("[\r\n\0\u0085\u2028\u2029]")
_ATOM_TEXT: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*+")
_FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,70}")
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+\-]{1,100}/[A-Za-z0-9!#$&^_.+\-]{1,100}")
_SAFE_SPEC: Final = re.compile(r"[^\s\"(),:;<>@\[\]\\\x00-\x1f]++")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send. media_type: "type/subtype". inline_id: Content-ID that the HTML refers to."""

    filename: str
    media_type: str
    data: bytes
    inline_id: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new message says. date: aware. message_id and references: without angle brackets.

    bcc is for the envelope alone and is not written. extra_headers: (name, text).
    """

    from_: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    text: str
    date: datetime
    message_id: str
    html: str | None = None
    attachments: Sequence[Attachment] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    sender: Address | None = None
    reply_to: Address | None = None
    extra_headers: tuple[tuple[str, str], ...] = ()


def new_message_id(domain: str) -> str:
    """An identifier that no other message has, without angle brackets."""
    return f"{secrets.token_hex(16)}@{domain}"


def compose(draft: Draft) -> bytes:
    """The octets of a message.

    Raises ValueError if a field has a line end or NUL in it, if an address is none, or if the date
    has no time zone: nothing a user types can add a field.
    """
    lines = [
        _addresses("From", (draft.from_,)),
        _addresses("Sender", (draft.sender,) if draft.sender else ()),
        _addresses("Reply-To", (draft.reply_to,) if draft.reply_to else ()),
        _addresses("To", draft.to),
        _addresses("Cc", draft.cc),
        _unstructured("Subject", draft.subject),
        b"Date: " + _date(draft.date) + b"\r\n",
        _identifiers("Message-ID", (draft.message_id,)),
        _identifiers("In-Reply-To", (draft.in_reply_to,) if draft.in_reply_to else ()),
        _identifiers("References", draft.references),
        *[_unstructured(name, text) for name, text in draft.extra_headers],
        b"MIME-Version: 1.0\r\n",
    ]
    return b"".join(lines) + _content(draft)


def _date(date: datetime) -> bytes:
    if date.tzinfo is None:
        raise ValueError("the date of a message needs a time zone")
    return format_datetime(date).encode("ascii")


def _checked(text: str) -> str:
    if _NOT_IN_A_FIELD.search(text):
        raise ValueError("a header field is one line without NUL")
    return text


def _unstructured(name: str, text: str) -> bytes:
    """A field of free text, as encoded words where it is not plain ASCII that folds well."""
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"not a field name: {name!r}")
    text = _checked(text).strip()
    plain = text.isascii() and text.isprintable() and "=?" not in text
    words = text.encode().split(b" ") if plain else encode_text(text)
    if any(len(word) > _LINE - 2 for word in words):
        words = encode_text(text)
    return _folded(name.encode(), words)


def _folded(name: bytes, words: Sequence[bytes], separator: bytes = b"") -> bytes:
    """A field with its words put on lines of at most 78 octets where they can be."""
    lines: list[bytes] = []
    line = name + b":"
    for index, word in enumerate(words):
        if index < len(words) - 1:
            word += separator
        if len(line) + 1 + len(word) > _LINE and line.strip() and (lines or len(line) > len(name) + 1):
            lines.append(line)
            line = b""
        line += b" " + word
    lines.append(line)
    return b"\r\n".join(lines) + b"\r\n"


def _addresses(name: str, addresses: Sequence[Address]) -> bytes:
    """An address field, nothing without addresses."""
    if not addresses:
        return b""
    return _folded(name.encode(), [_mailbox(address) for address in addresses], b",")


def _mailbox(address: Address) -> bytes:
    spec = _spec(address)
    name = _checked(address.name).strip()
    if not name:
        return spec
    if name.isascii() and name.isprintable() and "=?" not in name and len(name) < _LINE - 20:
        shown = name if _ATOM_TEXT.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        return shown.encode() + b" <" + spec + b">"
    return b"\r\n ".join(encode_text(name)) + b" <" + spec + b">"


def _spec(address: Address) -> bytes:
    """local@domain; the domain in the form of DNS (IDNA), the local part as it is (RFC 6531)."""
    local, domain = _checked(address.local), _checked(address.domain)
    if not domain or not _SAFE_SPEC.fullmatch(domain) or not local:
        raise ValueError(f"not an address: {address.addr!r}")
    if not _SAFE_SPEC.fullmatch(local):
        local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
    ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    return f"{local}@{ascii_domain}".encode()


def _identifiers(name: str, identifiers: Sequence[str]) -> bytes:
    if not identifiers:
        return b""
    words = []
    for identifier in identifiers:
        if not identifier or not _checked(identifier).isprintable() or set(identifier) & set(" <>"):
            raise ValueError(f"not a message identifier: {identifier!r}")
        words.append(b"<" + identifier.encode("utf-8") + b">")
    return _folded(name.encode(), words)


# --- content -------------------------------------------------------------------------------------


def _content(draft: Draft) -> bytes:
    """The Content-* fields, the empty line and the body."""
    content = _text_part("plain", draft.text)
    inline = [attachment for attachment in draft.attachments if attachment.inline_id is not None]
    files = [attachment for attachment in draft.attachments if attachment.inline_id is None]
    if draft.html is not None:
        page = _text_part("html", draft.html)
        if inline:
            page = _multipart("related", [page, *map(_file_part, inline)])
        content = _multipart("alternative", [content, page])
    else:
        files = [*inline, *files]
    if files:
        content = _multipart("mixed", [content, *map(_file_part, files)])
    return content


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    # Random, and with "=_", which neither base64 nor quoted-printable can have.
    boundary = b"=_" + secrets.token_hex(16).encode()
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (subtype.encode(), boundary)
    body = b"".join([b"--%b\r\n%b\r\n" % (boundary, part) for part in parts])
    return head + body + b"--%b--\r\n" % boundary


def _text_part(subtype: str, text: str) -> bytes:
    raw = "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).encode("utf-8", "replace")
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    encoding, body = _smaller(raw)
    head = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n"
    return head % (subtype.encode(), encoding) + body


def _smaller(raw: bytes) -> tuple[bytes, bytes]:
    """The shorter of quoted-printable and base64, and 7bit where the text needs neither."""
    if raw.isascii() and b"\0" not in raw and max(map(len, raw.split(b"\r\n"))) <= _LINE:
        return b"7bit", raw
    quoted = binascii.b2a_qp(raw, istext=True)
    encoded = _base64(raw)
    return (b"quoted-printable", quoted) if len(quoted) <= len(encoded) else (b"base64", encoded)


def _base64(data: bytes) -> bytes:
    """76 characters a line, CRLF after each, so that the store can keep the file itself."""
    step = 57
    return b"".join(
        [binascii.b2a_base64(data[at : at + step], newline=False) + b"\r\n" for at in range(0, len(data), step)]
    )


def _file_part(attachment: Attachment) -> bytes:
    if not _MEDIA_TYPE.fullmatch(attachment.media_type):
        raise ValueError(f"not a media type: {attachment.media_type!r}")
    kind = b"attachment" if attachment.inline_id is None else b"inline"
    name = _checked(attachment.filename).replace("/", "_").replace("\\", "_")
    head = b"Content-Type: %b;\r\n %b\r\n" % (attachment.media_type.encode(), _name_parameter(name))
    head += b"Content-Disposition: %b;\r\n %b\r\n" % (kind, _filename_parameter(name))
    head += b"Content-Transfer-Encoding: base64\r\n"
    if attachment.inline_id is not None:
        head += _identifiers("Content-ID", (attachment.inline_id,))
    return head + b"\r\n" + _base64(attachment.data)


def _name_parameter(name: str) -> bytes:
    """name= for Outlook, which does not read RFC 2231: RFC 2047 in it (MimeKit #186)."""
    if name.isascii() and name.isprintable():
        return b'name="%b"' % re.sub(r'(["\\])', r"\\\1", name).encode()
    return b'name="%b"' % b"\r\n ".join(encode_text(name))


def _filename_parameter(name: str) -> bytes:
    """filename= or, where it is not ASCII, filename*= (RFC 2231 §4), split into short lines."""
    if name.isascii() and name.isprintable() and len(name) < _LINE - 20:
        return b'filename="%b"' % re.sub(r'(["\\])', r"\\\1", name).encode()
    encoded = quote(name, safe="").encode()
    if len(encoded) <= _LINE - 20:
        return b"filename*=UTF-8''" + encoded
    pieces = [encoded[at : at + 50] for at in range(0, len(encoded), 50)]
    pieces[0] = b"UTF-8''" + pieces[0]
    return b";\r\n ".join([b"filename*%d*=%b" % (number, piece) for number, piece in enumerate(pieces)])
