"""Search programs, items of FETCH, SORT and THREAD: read into values within their limits."""

from __future__ import annotations

from mailserver.imap.commands import COMMANDS
from mailserver.imap.literals import MemoryLiteral
from mailserver.imap.parser.cursor import MAX_DEPTH, Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.search.evaluate import _cost
from mailserver.imap.search.program import (
    And,
    Key,
    Messages,
    Not,
    Or,
    leaves,
    reads_text,
    uses_modseq,
)
from mailserver.imap.search.reading import MAX_KEYS, Reader
from tests.fuzz.target import Target
from tests.support import imapwords

_CHARSETS = (b"UTF-8", b"US-ASCII", b"ISO-8859-1", b"WINDOWS-1258")
_COMMANDS = (b"SEARCH", b"SORT", b"THREAD", b"FETCH", b"UID SEARCH", b"STORE", b"LIST", b"NOTIFY")


def check(raw: bytes) -> None:
    choice, text = raw[:1], raw[1:]
    number = choice[0] if choice else 0
    literals = {at + 1: MemoryLiteral(b"x\xe1\xbb\x87") for at, octet in enumerate(text) if octet == 0x7D}
    try:
        program = Reader(Cursor(text, literals), _CHARSETS[number % len(_CHARSETS)]).program()
    except (ParseError, NameRefused):
        pass
    else:
        _check_program(program)
    try:
        COMMANDS[_COMMANDS[number % len(_COMMANDS)]].parse(Cursor(b" " + text, literals))
    except (ParseError, NameRefused):
        return


def _check_program(program: Key) -> None:
    assert _depth(program) <= MAX_DEPTH + 1
    keys = list(leaves(program))
    assert len(keys) <= MAX_KEYS
    uses_modseq(program)
    reads_text(program)
    assert 0 <= _cost(program) <= 3
    for key in keys:
        if isinstance(key, Messages):
            spans = key.numbers.bounds(1000)
            assert all(low <= high for low, high in spans)
            assert all(spans[i][1] + 1 < spans[i + 1][0] for i in range(len(spans) - 1))


def _depth(key: Key) -> int:
    inside = key.keys if isinstance(key, And) else (key.left, key.right) if isinstance(key, Or) else ()
    inside = (key.key,) if isinstance(key, Not) else inside
    return 1 + max(map(_depth, inside), default=0)


TARGET = Target(
    about="search programs, and the arguments of SEARCH, SORT, THREAD, FETCH, STORE, LIST, NOTIFY",
    check=check,
    seeds=lambda: [bytes((index % 8,)) + line for index, line in enumerate(imapwords.arguments())],
    words="imap",
    longest=1024,
)
