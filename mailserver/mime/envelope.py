"""ENVELOPE as octets for the wire (RFC 3501 §7.4.2), and the header fields it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mailserver.mime.address import AddressBudget, AddressEntry, parse_addresses
from mailserver.mime.header import unfold
from mailserver.mime.limits import MAX_FIELD_OCTETS
from mailserver.mime.wire import nstring, quoted

ADDRESS_FIELDS: Final = (b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc")

# What Dovecot writes for the missing halves of an address.
_MISSING_MAILBOX: Final = b'"MISSING_MAILBOX"'
_MISSING_DOMAIN: Final = b'"MISSING_DOMAIN"'
# Clients break on From NIL (stalwart 0.5.1), so a message without one gets a name to show.
_NOBODY: Final = b"((NIL NIL " + _MISSING_MAILBOX + b" " + _MISSING_DOMAIN + b"))"

Fields = list[tuple[bytes, bytes]]


class HeaderFacts:
    """The first raw value of each field of a header.

    repeated: the further values of names that occur more than once. addresses: the entries of the
    address fields, all fields of one name joined; empty before `read_addresses`.
    """

    __slots__ = ("addresses", "first", "repeated")

    def __init__(self, fields: Fields) -> None:
        self.first: dict[bytes, bytes] = {}
        self.repeated: dict[bytes, list[bytes]] = {}
        self.addresses: dict[bytes, list[AddressEntry]] = {}
        for name, value in fields:
            if self.first.setdefault(name, value) is not value:
                self.repeated.setdefault(name, []).append(value)

    def read_addresses(self, budget: AddressBudget) -> None:
        """Only the headers of messages, not those of their parts, have addresses."""
        for name in ADDRESS_FIELDS:
            if name in self.first:
                self.addresses[name] = parse_addresses(self._joined(name), budget)

    def _joined(self, name: bytes) -> bytes:
        """All fields of a name as if they stood in one, like Dovecot."""
        value = unfold(self.first[name])
        if name in self.repeated:
            value = b",".join([value, *map(unfold, self.repeated[name])])[:MAX_FIELD_OCTETS]
        return value

    def get(self, name: bytes) -> bytes | None:
        """The first field's value, unfolded."""
        value = self.first.get(name)
        return None if value is None else unfold(value)


def envelope_wire(facts: HeaderFacts) -> bytes:
    """The ENVELOPE list of a header.

    From is never NIL; Sender and Reply-To are taken from it where they are missing or empty.
    """
    lists = facts.addresses
    author = _list_wire(lists.get(b"from")) or _NOBODY
    subject = facts.first.get(b"subject")
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        nstring(facts.get(b"date")),
        b"NIL" if subject is None else quoted(b" ".join(subject.split())),
        author,
        _list_wire(lists.get(b"sender")) or author,
        _list_wire(lists.get(b"reply-to")) or author,
        _list_wire(lists.get(b"to")) or b"NIL",
        _list_wire(lists.get(b"cc")) or b"NIL",
        _list_wire(lists.get(b"bcc")) or b"NIL",
        nstring(facts.get(b"in-reply-to")),
        nstring(facts.get(b"message-id")),
    )


def _list_wire(entries: Iterable[AddressEntry] | None) -> bytes:
    """((name route mailbox host)…), b"" for no address."""
    if not entries:
        return b""
    return b"(" + b"".join([_entry_wire(*entry) for entry in entries]) + b")"


def _entry_wire(name: bytes | None, route: bytes | None, mailbox: bytes | None, host: bytes | None) -> bytes:
    if host is None:
        return b"(NIL NIL %b NIL)" % nstring(mailbox)
    return b"(%b %b %b %b)" % (
        b"NIL" if name is None else quoted(name),
        b"NIL" if route is None else quoted(route),
        quoted(mailbox) if mailbox else _MISSING_MAILBOX,
        quoted(host) if host else _MISSING_DOMAIN,
    )
