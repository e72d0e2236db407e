"""A glance at a header block: which fields stand there, before anything is parsed. Linear time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailserver.mime.address import Address, AddressBudget, mailboxes, parse_addresses
from mailserver.mime.header import unfold
from mailserver.mime.params import without_comments

# Servers a message may have passed; Postfix's hopcount_limit.
MAX_HOPS = 50

_FIELD = re.compile(rb"^(from|sender|date|message-id|received|delivered-to)[ \t]*:", re.I | re.M)
# One whole field with its folds. The quantifiers are possessive: nothing is tried twice.
_BLIND = re.compile(rb"^(?:resent-)?bcc[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z)", re.I | re.M)
_CLAIMS = re.compile(rb"^(resent-)?(from|sender)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.I | re.M)
_QUOTED = re.compile(rb'"(?:[^"\\]++|\\.)*+"?')  # one without an end goes as far as the field
# Begun at the beginning of a word only.
_BARE = re.compile(rb'(?<![^\s<>()",:;@])[^\s<>()",:;@]++@[^\s<>()",:;@.]++\.[^\s<>()",:;@]++')


@dataclass(frozen=True, slots=True)
class Heading:
    """How often a field stands in the header block.

    size: octets of the block with its closing empty line.
    """

    size: int
    authors: int
    senders: int
    dates: int
    message_ids: int
    hops: int


def glance(data: bytes) -> Heading:
    """Count the fields that decide whether a message is taken. Never raises.

    data: a whole message; without an empty line all of it counts as header.
    """
    end = 0 if data.startswith(b"\r\n") else data.find(b"\r\n\r\n")
    size = len(data) if end < 0 else end + (4 if end else 2)
    counts: dict[bytes, int] = {}
    for match in _FIELD.finditer(data, 0, size):
        name = match[1].lower()
        counts[name] = counts.get(name, 0) + 1
    return Heading(
        size=size,
        authors=counts.get(b"from", 0),
        senders=counts.get(b"sender", 0),
        dates=counts.get(b"date", 0),
        message_ids=counts.get(b"message-id", 0),
        hops=max(counts.get(b"received", 0), counts.get(b"delivered-to", 0)),
    )


def without_blind(data: bytes, size: int) -> bytes:
    """The message without its fields Bcc and Resent-Bcc (RFC 5322 §3.6.3), the same octets where there are none.

    size: of its header block.
    """
    if _BLIND.search(data, 0, size) is None:
        return data
    return _BLIND.sub(b"", data[:size]) + data[size:]


@dataclass(frozen=True, slots=True)
class Claims:
    """Who may be taken for author or sender of a message beside what From and Sender say when read by the rules.

    authors, senders: of Resent-From and Resent-Sender of all times (RFC 5322 §3.6.6). bare: what looks like an address
    in any of these fields outside quotes, comments and encoded words, also where only a name should stand: in
    `bob@x.vn <ann@x.vn>` some readers find the one, some the other.
    """

    authors: tuple[Address, ...] = ()
    senders: tuple[Address, ...] = ()
    bare: tuple[str, ...] = ()


NO_CLAIMS = Claims()


def claims(data: bytes, size: int) -> Claims:
    """Read from a header block of that size. Never raises; linear time."""
    again: dict[bytes, list[Address]] = {b"from": [], b"sender": []}
    bare: dict[str, None] = {}
    budget = AddressBudget()
    for match in _CLAIMS.finditer(data, 0, size):
        value = unfold(match[3])
        if match[1]:
            again[match[2].lower()] += mailboxes(parse_addresses(value, budget))
        for word in _BARE.findall(_QUOTED.sub(b" ", without_comments(value))):
            if not (word.startswith(b"=?") and word.endswith(b"?=")):
                bare[word.decode("utf-8", "replace")] = None
    return Claims(tuple(again[b"from"]), tuple(again[b"sender"]), tuple(bare))
