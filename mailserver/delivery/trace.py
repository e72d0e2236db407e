"""The fields a server puts in front of a message; nothing behind them is ever touched.

Return-Path by the last server (RFC 5321 §4.4), Received by each. Whatever a peer told us is cut down
to harmless characters before it becomes part of a field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

_UNSAFE = re.compile(r"[^A-Za-z0-9.:_\[\]-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# The first Received field, which is ours, of a message that came by IMAP; quantifiers are possessive.
_FIRST = re.compile(rb"^Received:([^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*+)", re.IGNORECASE | re.MULTILINE)
_BY_IMAP = re.compile(rb"\swith IMAPS? id ")
MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class Received:
    """How a message reached us.

    helo: what the peer called itself, "" if it did not say. peer: its IP address, "" for a local one.
    protocol: the registered keyword (RFC 3848, RFC 6531 §4.3): "ESMTPS", "LMTP", …
    id: ours, for the log.
    """

    helo: str
    peer: str
    protocol: str
    id: str


def fields(
    received: Received, *, sender: str, hostname: str, recipient: str, now: datetime, results: bytes = b""
) -> bytes:
    """Return-Path and Received with CRLF line ends, and between them what was found out about the sender.

    sender: of the envelope, "" for a bounce. recipient: named in the Received field if it is the only
    one, else "" (RFC 5321 §7.2: naming several would tell of blind copies). now: aware. results: a
    field with its line end, or nothing.
    """
    source = f"from {_safe(received.helo)} " if received.helo else ""
    if received.peer:
        literal = received.peer if ":" not in received.peer else f"IPv6:{received.peer}"
        source += f"([{_UNSAFE.sub('?', literal)}])\r\n\t"
    target = f"\r\n\tfor <{_CONTROL.sub('?', recipient)}>" if recipient else ""
    path = f"Return-Path: <{_CONTROL.sub('?', sender)}>\r\n"
    trace = (
        f"Received: {source}by {hostname} with {received.protocol} id {received.id}{target};\r\n"
        f"\t{_date_of(now.replace(microsecond=0), now.utcoffset())}\r\n"
    )
    return path.encode() + results + trace.encode()


@lru_cache(maxsize=4)
def _date_of(second: datetime, _offset: timedelta | None) -> str:
    """Mail that comes within a second has one date; moments are equal whatever their zones."""
    return format_datetime(second)


def is_collected(header: bytes) -> bool:
    """Whether a stored message was fetched from a mailbox elsewhere. header: with our fields in front."""
    first = _FIRST.search(header)
    return first is not None and _BY_IMAP.search(first[1]) is not None


def _safe(name: str) -> str:
    return _UNSAFE.sub("?", name[:MAX_NAME])
