"""What FETCH may ask for."""

from __future__ import annotations

import pytest

from mailserver.imap.fetch.items import Form, Octets, Section, Simple, Text, parse_items, sets_seen
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError

FAST = (Simple.FLAGS, Simple.INTERNALDATE, Simple.SIZE)


@pytest.mark.parametrize(
    ("wire", "items"),
    [
        (b"FAST", FAST),
        (b"all", (*FAST, Simple.ENVELOPE)),
        (b"FULL", (*FAST, Simple.ENVELOPE, Simple.BODY)),
        (b"(uid FLAGS uid)", (Simple.UID, Simple.FLAGS)),
        (b"BODY", (Simple.BODY,)),
        (b"BODYSTRUCTURE", (Simple.BODYSTRUCTURE,)),
        (b"RFC822.SIZE", (Simple.SIZE,)),
        (b"BINARY[1.2]", (Octets(Section((1, 2)), b"BINARY[1.2]", False, None, Form.CONTENT),)),
        (b"binary.peek[3]<0.9>", (Octets(Section((3,)), b"BINARY[3]<0>", True, (0, 9), Form.CONTENT),)),
        (b"BINARY.SIZE[2]", (Octets(Section((2,)), b"BINARY.SIZE[2]", True, None, Form.SIZE),)),
        (b"BINARY.PEEK[]", (Octets(Section(), b"BINARY[]", True, None, Form.WIRE),)),
        (b"PREVIEW", (Simple.PREVIEW,)),
        (b"preview (lazy)", (Simple.PREVIEW,)),
        (b"(PREVIEW (LAZY) SAVEDATE)", (Simple.PREVIEW, Simple.SAVEDATE)),
        (b"(EMAILID THREADID)", (Simple.EMAILID, Simple.THREADID)),
        (b"RFC822.HEADER", (Octets(Section(text=Text.HEADER), b"RFC822.HEADER", peek=True),)),
        (b"BODY[]", (Octets(Section(), b"BODY[]", peek=False),)),
        (b"body.peek[1.2.mime]", (Octets(Section((1, 2), Text.MIME), b"BODY[1.2.MIME]", peek=True),)),
        (b"BODY[2.HEADER]<0.10>", (Octets(Section((2,), Text.HEADER), b"BODY[2.HEADER]<0>", False, (0, 10)),)),
        (
            b'BODY.PEEK[HEADER.FIELDS (from "Message-ID")]',
            (
                Octets(
                    Section(text=Text.FIELDS, fields=(b"FROM", b"MESSAGE-ID")),
                    b"BODY[HEADER.FIELDS (FROM MESSAGE-ID)]",
                    peek=True,
                ),
            ),
        ),
    ],
)
def test_items_are_read_in_order_and_once(wire: bytes, items: tuple[object, ...]) -> None:
    cursor = Cursor(wire)
    assert parse_items(cursor) == items
    cursor.end()


@pytest.mark.parametrize(
    "wire",
    [
        b"()",
        b"(FAST)",
        b"NONSENSE",
        b"BODY[",
        b"BODY[0]",
        b"BODY[1.]",
        b"BODY[MIME]",
        b"BODY[TEXT.1]",
        b"BINARY",
        b"BINARY[1.TEXT]",
        b"BINARY[HEADER]",
        b"BINARY[1.MIME]",
        b"BINARY.SIZE[1]<0.9>",
        b"BINARY.SIZE[0]",
        b"BODY[]<0>",
        b"BODY[]<1.0>",
        b"BODY[HEADER.FIELDS]",
        b"BODY[HEADER.FIELDS ()]",
        b'BODY[HEADER.FIELDS ("a\\"b:")]',
        b'BODY[HEADER.FIELDS ("a b")]',
        b"(FLAGS",
        b"",
    ],
)
def test_what_is_no_item_is_an_error(wire: bytes) -> None:
    cursor = Cursor(wire)
    with pytest.raises(ParseError):
        parse_items(cursor)
        cursor.end()


@pytest.mark.parametrize(
    ("wire", "seen"),
    [
        (b"BODY[]", True),
        (b"BODY.PEEK[]", False),
        (b"RFC822", True),
        (b"RFC822.TEXT", True),
        (b"RFC822.HEADER", False),
        (b"BODY", False),
        (b"BINARY[1]", True),
        (b"BINARY.PEEK[1]", False),
        (b"BINARY.SIZE[1]", False),
    ],
)
def test_reading_marks_seen_unless_it_peeks(wire: bytes, seen: bool) -> None:
    assert sets_seen(parse_items(Cursor(wire))) is seen
