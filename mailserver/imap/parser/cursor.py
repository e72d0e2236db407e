"""A cursor over one command: the tokens of RFC 3501 §9.

The connection hands over all lines of a command joined, without the line ends after literal
markers, and the literals by the offset where their marker ends. Every method either moves forward
or raises ParseError, so parsing ends after a time linear in the command's length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from mailserver.imap import mutf7
from mailserver.imap.parser.errors import NameRefused, ParseError

T = TypeVar("T")

_ATOM = re.compile(rb"[!#$&'+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~\x80-\xff]+")
_ATOM_STRICT = re.compile(rb"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")
# Names of commands, items and options; without "[", which begins the section of BODY[…].
_WORD = re.compile(rb"[A-Za-z0-9.+_=\-]+")
_LIST_MAILBOX = re.compile(rb"[!#$%&'*+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~\x80-\xff]+")
_NUMBER = re.compile(rb"[0-9]{1,20}")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\["\\])*)"')
_UNESCAPE = re.compile(rb"\\(.)")
_LITERAL = re.compile(rb"~?\{([0-9]{1,10})[+-]?\}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_FLAG = re.compile(rb"\\?[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")
_END = re.compile(rb" *+\Z")
MAX_DEPTH = 50  # parentheses within parentheses; CVE-2026-27857 is a server without this limit
MAX_NUMBER = 0xFFFF_FFFF
MAX_MODSEQ = 0x7FFF_FFFF_FFFF_FFFF  # RFC 7162 §3.1.1


class LiteralSource(Protocol):
    """Octets that came as a literal; `read` gives them all."""

    @property
    def size(self) -> int: ...

    def read(self) -> bytes: ...


class Cursor:
    """Reads tokens of `data` from `at` on. utf8: mailbox names are UTF-8, not modified UTF-7."""

    __slots__ = ("at", "data", "literals", "utf8")

    def __init__(self, data: bytes, literals: Mapping[int, LiteralSource] | None = None, utf8: bool = False) -> None:
        self.data = data
        self.at = 0
        self.utf8 = utf8
        self.literals: Mapping[int, LiteralSource] = literals or {}

    def peek(self) -> bytes:
        """The next octet, b"" at the end."""
        return self.data[self.at : self.at + 1]

    def skip(self, octets: bytes) -> bool:
        """Move over `octets` if they come next."""
        if self.data.startswith(octets, self.at):
            self.at += len(octets)
            return True
        return False

    def expect(self, octets: bytes, what: str) -> None:
        if not self.skip(octets):
            raise ParseError(f"Expected {what}")

    def space(self) -> None:
        """One space; further ones are tolerated, as Dovecot does."""
        self.expect(b" ", "a space")
        while self.skip(b" "):
            pass

    def end(self) -> None:
        """The end of the command; trailing spaces are tolerated."""
        while self.skip(b" "):
            pass
        if self.at != len(self.data):
            raise ParseError("Unexpected text at the end of the command")

    def at_end(self) -> bool:
        return _END.match(self.data, self.at) is not None

    def _take(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        match = pattern.match(self.data, self.at)
        if match is None:
            raise ParseError(f"Expected {what}")
        self.at = match.end()
        return match.group()

    def atom(self, what: str = "an atom") -> bytes:
        return self._take(_ATOM_STRICT, what)

    def word(self, what: str = "a word") -> bytes:
        """The name of a command, item or option, in upper case."""
        return self._take(_WORD, what).upper()

    def number(self, maximum: int = MAX_NUMBER, what: str = "a number") -> int:
        value = int(self._take(_NUMBER, what))
        if value > maximum:
            raise ParseError(f"{what.capitalize()} is too large")
        return value

    def literal_source(self) -> LiteralSource | None:
        """The literal that comes next, not read yet; None if something else comes."""
        match = _LITERAL.match(self.data, self.at)
        if match is None or match.end() not in self.literals:
            return None
        self.at = match.end()
        return self.literals[match.end()]

    def base64(self) -> bytes:
        """An initial response (RFC 4959), not decoded."""
        return self._take(_BASE64, "base64")

    def string(self, what: str = "a string") -> bytes:
        """A quoted string or a literal."""
        match = _QUOTED.match(self.data, self.at)
        if match is not None:
            self.at = match.end()
            content: bytes = match.group(1)
            return _UNESCAPE.sub(rb"\1", content) if b"\\" in content else content
        source = self.literal_source()
        if source is None:
            raise ParseError(f"Expected {what}")
        return source.read()

    def astring(self, what: str = "a string") -> bytes:
        return self.string(what) if self.peek() in (b'"', b"{", b"~") else self._take(_ATOM, what)

    def nstring(self, what: str = "a string or NIL") -> bytes | None:
        if self.data[self.at : self.at + 3].upper() == b"NIL":
            self.at += 3
            return None
        return self.string(what)

    def mailbox(self) -> str:
        """A mailbox name as Unicode NFC, "INBOX" in capitals whatever its spelling."""
        return mailbox_name(self.astring("a mailbox name"), self.utf8)

    def mailbox_as_sent(self) -> tuple[str, str]:
        """As `mailbox`, and the client's own spelling but for a separator at the end."""
        raw = self.astring("a mailbox name")
        name, sent = mailbox_name(raw, self.utf8), mutf7.spelling(raw, self.utf8)
        if name == "INBOX":
            return name, name
        return name, sent[:-1] if len(sent) > 1 and sent.endswith("/") else sent

    def list_mailbox(self) -> str:
        """A mailbox pattern of LIST, with * and % kept."""
        raw = self.string() if self.peek() in (b'"', b"{") else self._take(_LIST_MAILBOX, "a mailbox pattern")
        return decode_name(raw, self.utf8)

    def flag(self) -> str:
        return self._take(_FLAG, "a flag").decode("ascii")

    def flag_list(self) -> list[str]:
        return self.items(Cursor.flag)

    def items(self, one: Callable[[Cursor], T]) -> list[T]:
        """A parenthesised list, possibly empty. aioimaplib pads that of ID with spaces."""
        self.expect(b"(", "a list")
        self.skip(b" ")
        found: list[T] = []
        while not self.skip(b")"):
            if found:
                self.space()
                if self.skip(b")"):
                    break
            found.append(one(self))
        return found


def decode_name(raw: bytes, utf8: bool = False) -> str:
    """Raises NameRefused for a spelling that is not valid."""
    try:
        return mutf7.decode(raw, utf8)
    except mutf7.NameInvalid as error:
        raise NameRefused(str(error)) from error


def mailbox_name(raw: bytes, utf8: bool = False) -> str:
    """The name that `raw` spells; INBOX is case-insensitive also as a parent (RFC 3501 §5.1).

    A trailing hierarchy separator is dropped: clients send it for names that may have children
    (Dovecot `tb-extra-mailbox-sep`).
    """
    name = decode_name(raw, utf8)
    if len(name) > 1 and name.endswith("/"):
        name = name[:-1]
    if name[:5].upper() == "INBOX" and (len(name) == 5 or name[5] == "/"):
        name = "INBOX" + name[5:]
    return name
