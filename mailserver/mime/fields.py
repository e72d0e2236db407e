"""Header fields of new messages: folded, in 7 bits, and never more than one field.

Every function gives the field with its line end and raises ValueError for what cannot be written:
a line end or NUL in a value (header injection), a name that is none, an address that is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from mailserver.mime.address import Address
from mailserver.mime.words import LINE, encode_text

_NOT_IN_A_FIELD: Final = re.compile("[\r\n\0\u0085\u2028\u2029]")
_FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,70}")
# A display name that needs no quotes.
_PHRASE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]++")
_DOT_ATOM: Final = re.compile(r"[^\s\"(),:;<>@\[\]\\\x00-\x1f\x7f]++")
_ESCAPED: Final = re.compile(r'(["\\])')


def checked(value: str) -> str:
    """The value itself, if it can stand in a field."""
    if _NOT_IN_A_FIELD.search(value):
        raise ValueError("a header field is one line without NUL")
    return value


def is_plain(value: str) -> bool:
    """Whether a value can be written as it is: printable ASCII that does not look encoded."""
    return value.isascii() and value.isprintable() and "=?" not in value


def escaped(value: str) -> bytes:
    """The content of a quoted string of plain text."""
    return _ESCAPED.sub(r"\\\1", value).encode("ascii")


def text(name: str, value: str) -> bytes:
    """A field of free text, as encoded words where it is not plain text that folds well."""
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"not a field name: {name!r}")
    value = checked(value).strip()
    if is_plain(value):
        words = value.encode("ascii").split(b" ")
        if all(len(word) <= _room(name) for word in words):
            return _folded(name, words)
    return _folded(name, encode_text(value, _room(name)))


def date(name: str, value: datetime) -> bytes:
    """A date field. Raises ValueError for a date without a time zone."""
    if value.tzinfo is None:
        raise ValueError("the date of a message needs a time zone")
    return _folded(name, [format_datetime(value).encode("ascii")])


def identifiers(name: str, values: Sequence[str]) -> bytes:
    """A field of message identifiers (without their angle brackets), nothing without any."""
    if not values:
        return b""
    words = []
    for value in values:
        if not value or not checked(value).isprintable() or set(value) & set(" <>"):
            raise ValueError(f"not a message identifier: {value!r}")
        words.append(f"<{value}>".encode())
    return _folded(name, words)


def addresses(name: str, values: Sequence[Address]) -> bytes:
    """An address field, nothing without addresses."""
    if not values:
        return b""
    words: list[bytes] = []
    for value in values:
        words.extend(_mailbox(value, _room(name)))
        words[-1] += b","
    words[-1] = words[-1][:-1]
    return _folded(name, words)


def _room(name: str) -> int:
    """Octets that the first line of a field has behind its name."""
    return LINE - len(name) - 2


def _folded(name: str, words: Sequence[bytes]) -> bytes:
    """A field with its words put on lines of at most 76 octets, where no word is longer."""
    lines: list[bytes] = []
    line = name.encode("ascii") + b":"
    for index, word in enumerate(words):
        if index and len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line = b""
        line += b" " + word
    lines.append(line)
    return b"\r\n".join(lines) + b"\r\n"


def _mailbox(value: Address, room: int) -> list[bytes]:
    """The words of a mailbox, between which it may be folded."""
    spec = _spec(value)
    name = checked(value.name).strip()
    if not name:
        return [spec]
    if not is_plain(name) or len(name) > room:
        return [*encode_text(name, room), b"<" + spec + b">"]
    shown = name.encode("ascii") if _PHRASE.fullmatch(name) else b'"' + escaped(name) + b'"'
    return [shown, b"<" + spec + b">"]


def _spec(value: Address) -> bytes:
    """local@domain; the domain in the form of DNS (IDNA), the local part as it is (RFC 6531)."""
    local, domain = checked(value.local), checked(value.domain)
    if not local or not _DOT_ATOM.fullmatch(domain):
        raise ValueError(f"not an address: {value.addr!r}")
    if not _DOT_ATOM.fullmatch(local):
        local = '"' + _ESCAPED.sub(r"\\\1", local) + '"'
    # UnicodeError, which the codec raises for what is no domain, is a ValueError.
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}".encode()
