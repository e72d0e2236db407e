"""What an IMAP client sends: lines and literals cut into commands, and every command's parser.

The first octet says how the rest comes: whole and in pieces must give the same commands.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from mailserver.imap.conversation import Conversation
from mailserver.imap.frames import Frame
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.session import Session, State
from tests.fuzz.target import Target
from tests.mailserver.imap.fed import frames
from tests.support import imapwords


def parsed(frame: Frame) -> object:
    """The command of a frame as a value, or the kind of its refusal."""
    conversation = Conversation(cast(Session, SimpleNamespace(state=State.SELECTED)))
    results: list[object] = []
    for utf8 in (False, True):
        cursor = Cursor(frame.data, frame.literals, utf8)
        try:
            entry = conversation._find(cursor, frame.data.find(b" "))
            results.append(entry.parse(cursor))
        except (ParseError, NameRefused) as refusal:
            results.append(repr(refusal))
        assert 0 <= cursor.at <= len(frame.data)
    return results


def check(raw: bytes) -> None:
    size, stream = 1 + raw[0] % 16 if raw else 1, raw[1:]
    whole, ending = frames([stream])
    cut, same_ending = frames([stream[at : at + size] for at in range(0, len(stream), size)])
    assert cut == whole and same_ending == ending
    for frame in whole:
        if frame.refusal is None:
            parsed(frame)


TARGET = Target(
    about="lines, literals and arguments of IMAP commands, whole and in pieces",
    check=check,
    seeds=lambda: [b"\x00" + line for line in imapwords.lines()],
    words="imap",
)
