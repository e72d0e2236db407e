"""Whether a message may be answered by a program, and whom such an answer goes to (RFC 3834). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from mailserver.directory.addresses import lookup_key, without_detail
from mailserver.mime.address import AddressBudget, mailboxes, parse_addresses
from mailserver.mime.header import Header

# RFC 3834 §2 and RFC 2142; and what programs call themselves that nobody reads.
_NOBODY = re.compile(
    r"(mailer-daemon|postmaster|listserv|majordomo|owner-.*|.*-(request|owner|bounces?)|no-?reply|do-?not-?reply)"
)
# Fields that only mail to many has (RFC 2369, RFC 2919, and older habits).
_LISTS = (
    b"list-id",
    b"list-post",
    b"list-help",
    b"list-unsubscribe",
    b"list-subscribe",
    b"mailing-list",
    b"feedback-id",
)
_MANY = frozenset((b"bulk", b"list", b"junk"))
# What Exchange and others ask for (MS-OXCMAIL §2.2.3.2.14).
_SUPPRESSED = frozenset((b"all", b"oof", b"autoreply"))


@dataclass(frozen=True, slots=True)
class Question:
    """A message that may be answered. sender, addressed_as: as `lookup_key` writes them."""

    sender: str
    addressed_as: str


def question(block: bytes, own: Collection[str]) -> Question | None:
    """The message of this header block, if a program may answer it for the owner of these addresses.

    block: with our Return-Path in front. own: as `lookup_key` writes them. None: it came from a list, a
    program or nobody, or it does not name the owner in To or Cc (RFC 3834 §2).
    """
    header = Header(block)
    sender = _sender(header)
    if not sender or sender in own or _NOBODY.fullmatch(sender.rpartition("@")[0]):
        return None
    if _by_a_program(header) or any(header.get(name) is not None for name in _LISTS):
        return None
    addressed = next((one for one in _recipients(header) if one in own), None)
    return None if addressed is None else Question(sender, addressed)


def _sender(header: Header) -> str:
    """The envelope's sender, as we wrote it at the final delivery; "" for the null path (RFC 5321 §4.4)."""
    written = (header.get(b"return-path") or b"").decode("utf-8", "replace").strip()
    if not (written.startswith("<") and written.endswith(">")) or "@" not in written:
        return ""
    return without_detail(lookup_key(written[1:-1]))[0]


def _by_a_program(header: Header) -> bool:
    automatic = _word(header, b"auto-submitted")
    if automatic and automatic != b"no":
        return True
    asked = {one.strip().lower() for one in (header.get(b"x-auto-response-suppress") or b"").split(b",")}
    if asked & _SUPPRESSED or _word(header, b"precedence") in _MANY:
        return True
    return _word(header, b"content-type") in (b"multipart/report", b"message/delivery-status")


def _word(header: Header, name: bytes) -> bytes:
    """A field's value without its parameters and comments."""
    value = re.split(rb"[;(]", header.get(name) or b"", maxsplit=1)[0]
    return value.strip().lower()


def _recipients(header: Header) -> list[str]:
    budget = AddressBudget()
    found = []
    for name in (b"to", b"cc", b"resent-to", b"resent-cc"):
        for value in header.all(name):
            found += [one.addr for one in mailboxes(parse_addresses(value, budget))]
    return [without_detail(lookup_key(one))[0] for one in found]
