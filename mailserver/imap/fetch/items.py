"""What a FETCH asks for (RFC 3501 §6.4.5): message data items as values, and their parser.

Items of extensions: SAVEDATE (RFC 8514 §4.2), PREVIEW (RFC 8970), EMAILID and THREADID (RFC 8474 §5),
BINARY (RFC 3516 §4.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, unique

from mailserver.imap import responses
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError

# A field name of RFC 5322 §3.6.8; anything else would have to be echoed into the response.
_FIELD_NAME = re.compile(rb"[!-9;-~]{1,200}")
_PART_NUMBER = re.compile(rb"[1-9][0-9]{0,5}")
_LAZY = re.compile(rb" \(LAZY\)", re.I)
MAX_PATH = 100  # the scanner's depth limit
MAX_FIELDS = 500
MAX_ITEMS = 200


@unique
class Simple(Enum):
    """Items without arguments; the value is the name on the wire."""

    UID = b"UID"
    FLAGS = b"FLAGS"
    MODSEQ = b"MODSEQ"
    INTERNALDATE = b"INTERNALDATE"
    SIZE = b"RFC822.SIZE"
    ENVELOPE = b"ENVELOPE"
    BODYSTRUCTURE = b"BODYSTRUCTURE"
    BODY = b"BODY"
    SAVEDATE = b"SAVEDATE"
    PREVIEW = b"PREVIEW"
    EMAILID = b"EMAILID"
    THREADID = b"THREADID"


@unique
class Text(Enum):
    """Which octets of a part a section means; the value is the name on the wire."""

    WHOLE = b""
    HEADER = b"HEADER"
    FIELDS = b"HEADER.FIELDS"
    FIELDS_NOT = b"HEADER.FIELDS.NOT"
    TEXT = b"TEXT"
    MIME = b"MIME"


@unique
class Form(Enum):
    """How a part is given: its octets, its content, the size of its content (RFC 3516 §4.2)."""

    WIRE = "wire"
    CONTENT = "content"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Section:
    """`section` of RFC 3501 §9. path: part numbers, () for the message itself. fields: as sent."""

    path: tuple[int, ...] = ()
    text: Text = Text.WHOLE
    fields: tuple[bytes, ...] = ()

    @property
    def names(self) -> frozenset[bytes]:
        return frozenset(self.fields)

    def wire(self) -> bytes:
        dotted = [b"%d" % number for number in self.path]
        if self.text is not Text.WHOLE:
            dotted.append(self.text.value)
        name = b".".join(dotted)
        if self.fields:
            name += b" " + responses.parenthesised(responses.astring(field) for field in self.fields)
        return name


@dataclass(frozen=True, slots=True)
class Octets:
    """BODY[…]<…> and its older spellings, BINARY[…]<…> and BINARY.SIZE[…].

    label: the name in the response. peek: leaves \\Seen alone.
    partial: (first octet, count), or None for all of it.
    """

    section: Section
    label: bytes
    peek: bool
    partial: tuple[int, int] | None = None
    form: Form = Form.WIRE


Item = Simple | Octets

_FAST = (Simple.FLAGS, Simple.INTERNALDATE, Simple.SIZE)
_ALL = (*_FAST, Simple.ENVELOPE)
_MACROS: dict[bytes, tuple[Item, ...]] = {b"FAST": _FAST, b"ALL": _ALL, b"FULL": (*_ALL, Simple.BODY)}
_OLD: dict[bytes, Octets] = {
    b"RFC822": Octets(Section(), b"RFC822", peek=False),
    b"RFC822.HEADER": Octets(Section(text=Text.HEADER), b"RFC822.HEADER", peek=True),
    b"RFC822.TEXT": Octets(Section(text=Text.TEXT), b"RFC822.TEXT", peek=False),
}
_SIMPLE: dict[bytes, Item] = {item.value: item for item in Simple}


def parse_items(cursor: Cursor) -> tuple[Item, ...]:
    """A macro, one item, or a parenthesised list; each item once, in the order asked for."""
    if cursor.peek() == b"(":
        items = cursor.items(_parse_item)
        if not items:
            raise ParseError("Expected a message data item")
        if len(items) > MAX_ITEMS:
            raise ParseError("Too many message data items")
        return tuple(dict.fromkeys(items))
    start = cursor.at
    macro = _MACROS.get(cursor.word("a message data item"))
    if macro is not None:
        return macro
    cursor.at = start
    return (_parse_item(cursor),)


def _parse_item(cursor: Cursor) -> Item:
    name = cursor.word("a message data item")
    if name in (b"BODY", b"BODY.PEEK") and cursor.peek() == b"[":
        return _parse_octets(cursor, peek=name != b"BODY")
    if name in _BINARY and cursor.peek() == b"[":
        return _parse_binary(cursor, name)
    item = _SIMPLE.get(name) or _OLD.get(name)
    if item is None:
        raise ParseError("Unknown message data item")
    if item is Simple.PREVIEW and (lazily := _LAZY.match(cursor.data, cursor.at)) is not None:
        cursor.at = lazily.end()  # every preview is ready
    return item


def _parse_octets(cursor: Cursor, peek: bool) -> Octets:
    cursor.expect(b"[", "a section")
    section = _parse_section(cursor)
    cursor.expect(b"]", "the end of the section")
    partial = _parse_partial(cursor)
    label = b"BODY[%b]" % section.wire()
    if partial is not None:
        label += b"<%d>" % partial[0]
    return Octets(section, label, peek, partial)


_BINARY = {b"BINARY": Form.CONTENT, b"BINARY.PEEK": Form.CONTENT, b"BINARY.SIZE": Form.SIZE}


def _parse_binary(cursor: Cursor, name: bytes) -> Octets:
    """`section-binary` has part numbers only. None at all means the whole message, which is not encoded."""
    cursor.expect(b"[", "a section")
    section = _parse_section(cursor)
    if section.text is not Text.WHOLE:
        raise ParseError("Expected a part number")
    cursor.expect(b"]", "the end of the section")
    form, partial = _BINARY[name], None
    if form is Form.CONTENT:
        partial = _parse_partial(cursor)
    label = (b"BINARY.SIZE[%b]" if form is Form.SIZE else b"BINARY[%b]") % section.wire()
    if partial is not None:
        label += b"<%d>" % partial[0]
    if form is Form.CONTENT and not section.path:
        form = Form.WIRE
    return Octets(section, label, name != b"BINARY", partial, form)


def _parse_partial(cursor: Cursor) -> tuple[int, int] | None:
    if not cursor.skip(b"<"):
        return None
    first = cursor.number()
    cursor.expect(b".", "a count of octets")
    count = cursor.number()
    if count == 0:
        raise ParseError("A partial range has no octets")
    cursor.expect(b">", "the end of the partial range")
    return first, count


def _parse_section(cursor: Cursor) -> Section:
    path: list[int] = []
    while True:
        match = _PART_NUMBER.match(cursor.data, cursor.at)
        if match is None:
            break
        cursor.at = match.end()
        path.append(int(match.group()))
        if len(path) > MAX_PATH:
            raise ParseError("A part number has too many levels")
        if not cursor.skip(b"."):
            return Section(tuple(path))
    if cursor.peek() == b"]" and not path:
        return Section()
    return _parse_section_text(cursor, tuple(path))


_TEXT_OF: dict[bytes, Text] = {text.value: text for text in Text if text is not Text.WHOLE}


def _parse_section_text(cursor: Cursor, path: tuple[int, ...]) -> Section:
    text = _TEXT_OF.get(cursor.word("a section"))
    if text is None or (text is Text.MIME and not path):
        raise ParseError("Unknown section")
    if text not in (Text.FIELDS, Text.FIELDS_NOT):
        return Section(path, text)
    cursor.space()
    fields = cursor.items(_parse_field)
    if not 0 < len(fields) <= MAX_FIELDS:
        raise ParseError("Expected between one and 500 header fields")
    return Section(path, text, tuple(fields))


def _parse_field(cursor: Cursor) -> bytes:
    name = cursor.astring("a header field")
    if not _FIELD_NAME.fullmatch(name):
        raise ParseError("Invalid header field name")
    return name.upper()


def sets_seen(items: tuple[Item, ...]) -> bool:
    """True if fetching these marks a message \\Seen (RFC 3501 §6.4.5)."""
    return any(isinstance(item, Octets) and not item.peek for item in items)
