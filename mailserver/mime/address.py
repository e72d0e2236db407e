"""Address lists (RFC 5322 §3.4 and §4.4): groups, comments, routes, and what people really write.

Two results from one reading: `AddressEntry`, the four raw strings of an ENVELOPE address (RFC 3501
§7.4.2), and `Address`, decoded for people and rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mailserver.mime import charsets
from mailserver.mime.limits import MAX_ADDRESS_TOKENS, MAX_ADDRESSES, MAX_NAME
from mailserver.mime.words import decode_text


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox, decoded: display name ("" without one), local part, domain ("" if it was missing)."""

    name: str
    local: str
    domain: str

    @property
    def addr(self) -> str:
        """local@domain, or the local part alone."""
        return f"{self.local}@{self.domain}" if self.domain else self.local

    @property
    def display(self) -> str:
        """`Name <local@domain>`, or the address alone."""
        return f"{self.name} <{self.addr}>" if self.name else self.addr

    @staticmethod
    def addr_in(display: str) -> str:
        """The address in what `display` has made."""
        return display.rpartition("<")[2].removesuffix(">")


class AddressEntry(NamedTuple):
    """One parenthesised address of an ENVELOPE, as raw octets.

    A mailbox has mailbox and host (b"" if missing in the mail); a group begins with host None and
    its name as mailbox and ends with mailbox and host None.
    """

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


GROUP_END: Final = AddressEntry(None, None, None, None)

_WORD_CHARS: Final = rb'[^"(),:;<>@\[\]\\\s]'
# The two usual forms, `name <local@domain>` and `local@domain`, up to the next comma or the end.
_NAMED: Final = re.compile(
    rb'\s*+(?:"([^"\\]*+)"\s*+|([^"(),:;<>@\[\]\\]*+))<(' + _WORD_CHARS + rb"++)@(" + _WORD_CHARS + rb"++)>\s*+(?:,|\Z)"
)
_BARE: Final = re.compile(rb"\s*+(" + _WORD_CHARS + rb"++)@(" + _WORD_CHARS + rb"++)\s*+(?:,|\Z)")

_TEXT: Final = re.compile(rb'[^"(),:;<\[]++')
_QUOTED: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)\\?"?', re.DOTALL)
_ANGLE: Final = re.compile(rb'<((?:[^<>"]++|"(?:[^"\\]++|\\.)*+"?)*+)>?', re.DOTALL)
_LITERAL: Final = re.compile(rb"\[[^\]]*+\]?")
_COMMENT_MARK: Final = re.compile(rb"[()\\]")
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(slots=True)
class AddressBudget:
    """How much work the address fields of one message may still cause; exceeded: they caused more."""

    tokens: int = MAX_ADDRESS_TOKENS
    exceeded: bool = False


def parse_addresses(value: bytes, budget: AddressBudget) -> list[AddressEntry]:
    """The entries of an unfolded address field, at most MAX_ADDRESSES and as far as the budget goes.

    Never raises; what is no address at all still becomes an entry with an empty host.
    """
    entries: list[AddressEntry] = []
    at, end = 0, len(value)
    while at < end:
        if len(entries) >= MAX_ADDRESSES:
            budget.exceeded = True
            break
        if match := _NAMED.match(value, at):
            name = match[1] if match[2] is None else b" ".join(match[2].split())
            entries.append(AddressEntry(name or None, None, match[3], match[4]))
        elif match := _BARE.match(value, at):
            entries.append(AddressEntry(None, None, match[1], match[2]))
        else:
            _AddressReader(value, at, entries).read(budget)
            break
        at = match.end()
    return entries


@dataclass(slots=True)
class _AddressReader:
    """Reads any address list, octet class by octet class; each octet is looked at once."""

    value: bytes
    at: int
    entries: list[AddressEntry]
    words: list[bytes] = field(default_factory=list)
    quoted_local: bytes | None = None
    comment: bytes | None = None
    angle: bytes | None = None
    in_group: bool = False
    in_spec: bool = False

    def read(self, budget: AddressBudget) -> None:
        """Read to the end of the value; with the budget spent, what is left is not looked at."""
        end = len(self.value)
        while self.at < end:
            if budget.tokens <= 0 or len(self.entries) >= MAX_ADDRESSES:
                budget.exceeded = True
                break
            budget.tokens -= 1
            self._token(self.value[self.at : self.at + 1])
        if len(self.entries) < MAX_ADDRESSES:
            self._finish()
        self._end_group()

    def _token(self, octet: bytes) -> None:
        if octet == b",":
            self._finish()
            self.at += 1
        elif octet == b";":
            self._finish()
            self._end_group()
            self.at += 1
        elif octet == b":":
            self._colon()
        elif octet == b'"':
            self._quoted()
        elif octet == b"(":
            self._comment()
        elif octet == b"<":
            self._angle()
        else:
            match = (_LITERAL if octet == b"[" else _TEXT).match(self.value, self.at)
            word = match[0] if match else octet
            if self.angle is not None and b"@" in self.angle and b"@" in word:
                self._finish()  # as behind a second pair of brackets
            self.words.append(word)
            self.in_spec = self.in_spec or b"@" in word
            self.at = match.end() if match else self.at + 1

    def _quoted(self) -> None:
        match = _QUOTED.match(self.value, self.at)
        assert match is not None
        text = _ESCAPE.sub(rb"\1", match[1])
        self.words.append(text)
        self.at = match.end()
        if self.value.startswith(b"@", self.at) and len(self.words) == 1:
            self.quoted_local = text

    def _angle(self) -> None:
        """An address in brackets. A second one without a comma is one more mailbox: which of them a reader takes for
        the author differs, so that both have to count (Chen et al., Composition Kills, USENIX Security 2020)."""
        if self.angle is not None and b"@" in self.angle:
            self._finish()
        match = _ANGLE.match(self.value, self.at)
        assert match is not None
        self.angle = match[1]
        self.at = match.end()

    def _comment(self) -> None:
        start, depth = self.at + 1, 0
        at = self.at
        while (mark := _COMMENT_MARK.search(self.value, at)) is not None:
            at = mark.end()
            if mark[0] == b"\\":
                at += 1
            else:
                depth += 1 if mark[0] == b"(" else -1
                if depth == 0:
                    break
        else:
            at = len(self.value) + 1
        self.comment = _ESCAPE.sub(rb"\1", self.value[start : at - 1]).strip()
        self.at = min(at, len(self.value))

    def _colon(self) -> None:
        """A group begins, unless the colon is within an address or another group."""
        self.at += 1
        if self.in_group or self.in_spec or self.angle is not None:
            self.words.append(b":")
            return
        self.entries.append(AddressEntry(None, None, _phrase(self.words), None))
        self.in_group = True
        self._forget()

    def _end_group(self) -> None:
        if self.in_group:
            self.entries.append(GROUP_END)
            self.in_group = False

    def _finish(self) -> None:
        """The mailbox that ends here, if there is one."""
        phrase = _phrase(self.words)
        if self.angle is not None:
            route, mailbox, host = _route_and_spec(self.angle)
            self.entries.append(AddressEntry(phrase or None, route, mailbox, host))
        elif phrase:
            name = self.comment
            if b"@" not in phrase and b" " in phrase:
                name, mailbox, host = phrase, b"", b""
            elif self.quoted_local is not None:
                mailbox, host = self.quoted_local, phrase[len(self.quoted_local) + 1 :].strip()
            else:
                mailbox, host = _spec(phrase)
            self.entries.append(AddressEntry(name or None, None, mailbox, host))
        self._forget()

    def _forget(self) -> None:
        self.words = []
        self.in_spec = False
        self.quoted_local = self.comment = self.angle = None


def _phrase(words: list[bytes]) -> bytes:
    """Words as they were written, runs of white space between them made one space."""
    return b" ".join(b"".join(words).split())


def _route_and_spec(inside: bytes) -> tuple[bytes | None, bytes, bytes]:
    """What stands between angle brackets: an obsolete route (RFC 5322 §4.4), local part, domain."""
    route: bytes | None = None
    inside = inside.strip()
    if inside.startswith(b"@") and b":" in inside:
        route, _, inside = inside.partition(b":")
    return (route, *_spec(inside))


def _spec(spec: bytes) -> tuple[bytes, bytes]:
    """Local part and domain, without the white space that RFC 5322 §4.4 allows around dots."""
    local, at, domain = spec.rpartition(b"@")
    if not at:
        local, domain = domain, b""
    local = local.strip()
    if local.startswith(b'"') and local.endswith(b'"') and len(local) > 1:
        local = _ESCAPE.sub(rb"\1", local[1:-1])
    elif b"." in local:
        local = b".".join([word.strip() for word in local.split(b".")])
    return local, b"".join(domain.split())


def mailboxes(entries: Iterable[AddressEntry]) -> tuple[Address, ...]:
    """The decoded mailboxes of a field, those in groups included, the groups themselves not."""
    return tuple(
        [
            Address(_display_name(name) if name else "", _text(mailbox), _text(host))
            for name, _, mailbox, host in entries
            if mailbox is not None and host is not None
        ]
    )


def _display_name(raw: bytes) -> str:
    text = decode_text(raw)[:MAX_NAME]
    return text if text.isprintable() else "".join([c if c.isprintable() else " " for c in text]).strip()


def _text(raw: bytes) -> str:
    if raw.isascii() and b"\0" not in raw:
        return raw.decode("ascii")
    # As it is written (RFC 6532 §3.1): what is repaired for readers would be another mailbox.
    return charsets.decoded(raw, None).stated
