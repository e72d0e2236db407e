"""The header fields that clients list mail by, in a form from which any choice of them is made quickly.

What a list shows is a small part of a header of today: the rest are traces and signatures. A packed block
holds the listed fields in their order, octet for octet:

    numbers of the fields LF NUL field LF NUL … field LF NUL CR LF

where each field has lost its last LF, with which the chosen ones are joined again. Inside a field an LF is
followed by white space, never by NUL, so that one `split` takes the block apart.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

from mailserver.mime.header import FIELD_END

__all__ = ["chooser", "holds", "pack"]

# What Thunderbird, Apple Mail, Outlook, K-9, FairEmail, mutt, Roundcube and the peers' benchmarks ask for. Stored
# blocks hold the numbers: a new name goes to the end, with a revision that makes `message.listed_fields` NULL.
NAMES: Final = (
    *(b"FROM", b"SENDER", b"REPLY-TO", b"TO", b"CC", b"BCC", b"SUBJECT", b"DATE"),
    *(b"MESSAGE-ID", b"IN-REPLY-TO", b"REFERENCES", b"NEWSGROUPS"),
    *(b"MIME-VERSION", b"CONTENT-TYPE", b"CONTENT-TRANSFER-ENCODING", b"CONTENT-DESCRIPTION", b"CONTENT-CLASS"),
    *(b"PRIORITY", b"X-PRIORITY", b"X-MSMAIL-PRIORITY", b"IMPORTANCE", b"LINES", b"X-LABEL", b"X-MAILER"),
    *(b"LIST-ID", b"LIST-POST", b"LIST-SUBSCRIBE", b"LIST-UNSUBSCRIBE", b"X-ORIGINAL-TO", b"DELIVERED-TO"),
    *(b"DISPOSITION-NOTIFICATION-TO", b"RETURN-RECEIPT-TO", b"AUTO-SUBMITTED", b"AUTOCRYPT", b"CHAT-VERSION"),
    *(b"X-K9MAIL-IDENTITY", b"X-UNIFORM-TYPE-IDENTIFIER", b"X-UNIVERSALLY-UNIQUE-IDENTIFIER", b"X-SPAM-FLAG"),
)
_BETWEEN: Final = b"\n\0"
# A number is one octet, and never an LF.
_NUMBERS: Final = {name: number for number, name in enumerate(NAMES, 32)}


def holds(names: frozenset[bytes]) -> bool:
    """Whether packed blocks can tell of all these fields. names: in capitals."""
    return names <= _NUMBERS.keys()


def pack(block: bytes) -> bytes:
    """The listed fields of a header block."""
    lines = FIELD_END.split(block if block.endswith(b"\n") else block + b"\r\n")
    numbers, fields = bytearray(), []
    for line in lines:
        number = _NUMBERS.get(line.partition(b":")[0].rstrip(b" \t").upper())
        if number is not None and b":" in line:
            numbers.append(number)
            fields.append(line)
    return _BETWEEN.join((numbers, *fields, b"\r\n"))


def chooser(names: frozenset[bytes]) -> Callable[[bytes], bytes]:
    """As `header.field_chooser`, for packed blocks; the names are in capitals, and `holds` them."""
    choices = _Choices(names)

    def choose(packed: bytes) -> bytes:
        parts = packed.split(_BETWEEN)
        return b"\n".join(choices[parts[0]](parts))

    return choose


class _Choices(dict[bytes, Callable[[list[bytes]], Any]]):
    """How to take the wanted parts and the empty line out of a block with these numbers. Mail of one program
    has the same fields in the same order, so there are few."""

    def __init__(self, names: frozenset[bytes]) -> None:
        self._wanted = frozenset(_NUMBERS[name] for name in names)

    def __missing__(self, numbers: bytes) -> Callable[[list[bytes]], Any]:
        places = [place for place, number in enumerate(numbers, 1) if number in self._wanted]
        self[numbers] = found = itemgetter(*places, -1) if places else itemgetter(slice(-1, None))
        return found
