"""Composing a new message: CRLF line ends, a header of 7-bit octets, UTF-8 text."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailserver.mime import fields
from mailserver.mime.address import Address
from mailserver.mime.compose_parts import Attachment, file_part, multipart, text_part

__all__ = ["Attachment", "Draft", "compose", "new_message_id"]


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
    header = [
        fields.addresses("From", (draft.from_,)),
        fields.addresses("Sender", (draft.sender,) if draft.sender else ()),
        fields.addresses("Reply-To", (draft.reply_to,) if draft.reply_to else ()),
        fields.addresses("To", draft.to),
        fields.addresses("Cc", draft.cc),
        fields.text("Subject", draft.subject),
        fields.date("Date", draft.date),
        fields.identifiers("Message-ID", (draft.message_id,)),
        fields.identifiers("In-Reply-To", (draft.in_reply_to,) if draft.in_reply_to else ()),
        fields.identifiers("References", draft.references),
        *[fields.text(name, value) for name, value in draft.extra_headers],
        b"MIME-Version: 1.0\r\n",
    ]
    return b"".join(header) + _content(draft)


def _content(draft: Draft) -> bytes:
    """The Content-* fields, the empty line and the body."""
    content = text_part("plain", draft.text)
    inline = [attachment for attachment in draft.attachments if attachment.inline_id is not None]
    files = [attachment for attachment in draft.attachments if attachment.inline_id is None]
    if draft.html is not None:
        page = text_part("html", draft.html)
        if inline:
            page = multipart("related", [page, *map(file_part, inline)])
        content = multipart("alternative", [content, page])
    else:
        files = [*inline, *files]
    if files:
        content = multipart("mixed", [content, *map(file_part, files)])
    return content
