"""A command whose one argument is a mailbox."""

from __future__ import annotations

from mailserver.imap.parser.cursor import Cursor


def parse_name(cursor: Cursor) -> str:
    """Its name. Raises ParseError if anything else follows."""
    cursor.space()
    name = cursor.mailbox()
    cursor.end()
    return name
