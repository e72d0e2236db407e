"""Reading a search program as a client sends it (RFC 3501 §6.4.4), with its charset and its limits."""

from __future__ import annotations

from collections.abc import Callable

from mailserver.imap import object_ids
from mailserver.imap.parser.cursor import MAX_DEPTH, MAX_MODSEQ, Cursor
from mailserver.imap.parser.dates import parse_date
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.search.program import (
    Aged,
    All,
    And,
    Clock,
    Contains,
    Dated,
    Field,
    HasFlag,
    HasId,
    HasKeyword,
    HeaderContains,
    Key,
    Messages,
    ModSeq,
    Not,
    Or,
    Recent,
    Size,
    When,
)
from mailserver.store.flags import Flag

# The charsets a client may write its strings in; the second is the Python codec.
CHARSETS = {
    b"US-ASCII": "utf-8",  # 8-bit text under this name is UTF-8 in practice (nextcloud/mail #12797)
    b"ASCII": "utf-8",
    b"UTF-8": "utf-8",
    b"ISO-8859-1": "latin-1",
    b"WINDOWS-1252": "cp1252",
    b"WINDOWS-1258": "cp1258",
}
MAX_KEYS = 1000  # keys of one program; each costs a pass over the folder
MAX_TEXTS = 50  # keys with a text; each costs a query


class Reader:
    """Reads one program; holds what all its keys share: charset and the count of keys."""

    def __init__(self, cursor: Cursor, charset: bytes = b"UTF-8") -> None:
        self.cursor = cursor
        self.codec = _codec(charset)
        self.keys_left = MAX_KEYS
        self.texts_left = MAX_TEXTS

    def program(self) -> And:
        """All keys up to the end of the command."""
        keys = [self.key(MAX_DEPTH)]
        while not self.cursor.at_end():
            self.cursor.space()
            keys.append(self.key(MAX_DEPTH))
        return And(tuple(keys))

    def text(self) -> str:
        """Octets outside the charset become U+FFFD and so match nothing."""
        self.texts_left -= 1
        if self.texts_left < 0:
            raise ParseError("The search program has too many texts")
        return self.cursor.astring("a search string").decode(self.codec, "replace")

    def key(self, depth: int) -> Key:
        """One key; depth: how many levels of (), NOT and OR may still follow."""
        self.keys_left -= 1
        if depth <= 0 or self.keys_left < 0:
            raise ParseError("The search program is too deep or too long")
        if self.cursor.peek() == b"(":
            inner = self.cursor.items(lambda _cursor: self.key(depth - 1))
            if not inner:
                raise ParseError("Expected a search key")
            return And(tuple(inner))
        if self.cursor.peek().isdigit() or self.cursor.peek() in (b"*", b"$"):
            return Messages(SequenceSet.parse(self.cursor), uid=False)
        name = self.cursor.word("a search key")
        if name == b"NOT":
            self.cursor.space()
            return Not(self.key(depth - 1))
        if name == b"OR":
            self.cursor.space()
            left = self.key(depth - 1)
            self.cursor.space()
            return Or(left, self.key(depth - 1))
        return self._plain(name)

    def _plain(self, name: bytes) -> Key:
        constant = _CONSTANTS.get(name)
        if constant is not None:
            return constant
        parse = _WITH_ARGUMENT.get(name)
        if parse is None:
            raise ParseError("Unknown search key")
        self.cursor.space()
        return parse(self)


def _codec(charset: bytes) -> str:
    """Raises NameRefused [BADCHARSET …] (RFC 3501 §6.4.4)."""
    codec = CHARSETS.get(charset.upper())
    if codec is None:
        raise NameRefused("Unknown charset", b"BADCHARSET (%b)" % b" ".join(CHARSETS))
    return codec


_CONSTANTS: dict[bytes, Key] = {
    b"ALL": All(),
    b"SAVEDATESUPPORTED": All(),
    b"NEW": Recent(wanted=True, unseen_only=True),
    b"OLD": Recent(wanted=False),
    b"RECENT": Recent(wanted=True),
    **{flag_name: HasFlag(flag, True) for flag_name, flag in (
        (b"ANSWERED", Flag.ANSWERED), (b"DELETED", Flag.DELETED), (b"DRAFT", Flag.DRAFT),
        (b"FLAGGED", Flag.FLAGGED), (b"SEEN", Flag.SEEN))},
    **{flag_name: HasFlag(flag, False) for flag_name, flag in (
        (b"UNANSWERED", Flag.ANSWERED), (b"UNDELETED", Flag.DELETED), (b"UNDRAFT", Flag.DRAFT),
        (b"UNFLAGGED", Flag.FLAGGED), (b"UNSEEN", Flag.SEEN))},
}  # fmt: skip


def _keyword(wanted: bool) -> Callable[[Reader], Key]:
    return lambda reader: HasKeyword(reader.cursor.atom("a keyword").decode("ascii"), wanted)


def _contains(field: Field) -> Callable[[Reader], Key]:
    return lambda reader: Contains(field, reader.text())


def _dated(when: When, clock: Clock) -> Callable[[Reader], Key]:
    return lambda reader: Dated(when, parse_date(reader.cursor), clock)


def _aged(older: bool) -> Callable[[Reader], Key]:
    def parse(reader: Reader) -> Key:
        seconds = reader.cursor.number(what="a number of seconds")
        if seconds == 0:
            raise ParseError("An interval has at least one second")
        return Aged(older, seconds)

    return parse


def _has_id(thread: bool) -> Callable[[Reader], Key]:
    def parse(reader: Reader) -> Key:
        return HasId(thread, object_ids.number_in(reader.cursor.astring("an object id"), thread))

    return parse


def _size(larger: bool) -> Callable[[Reader], Key]:
    return lambda reader: Size(larger, reader.cursor.number(MAX_MODSEQ, "a size"))


def _header(reader: Reader) -> Key:
    name = reader.cursor.astring("a header field").decode("ascii", "replace")
    reader.cursor.space()
    return HeaderContains(name, reader.text())


def _uid(reader: Reader) -> Key:
    return Messages(SequenceSet.parse(reader.cursor), uid=True)


def _modseq(reader: Reader) -> Key:
    """MODSEQ [entry-name entry-type] number (RFC 7162 §3.1.5)."""
    cursor = reader.cursor
    if cursor.peek() == b'"':
        cursor.string("an entry name")
        cursor.space()
        if cursor.word("an entry type") not in (b"PRIV", b"SHARED", b"ALL"):
            raise ParseError("Unknown entry type")
        cursor.space()
    return ModSeq(cursor.number(MAX_MODSEQ, "a mod-sequence"))


_WITH_ARGUMENT: dict[bytes, Callable[[Reader], Key]] = {
    **{field.value: _contains(field) for field in Field},
    **{clock.value + when.value: _dated(when, clock) for clock in Clock for when in When},
    b"OLDER": _aged(True),
    b"YOUNGER": _aged(False),
    b"EMAILID": _has_id(thread=False),
    b"THREADID": _has_id(thread=True),
    b"KEYWORD": _keyword(True),
    b"UNKEYWORD": _keyword(False),
    b"LARGER": _size(True),
    b"SMALLER": _size(False),
    b"HEADER": _header,
    b"UID": _uid,
    b"MODSEQ": _modseq,
}
