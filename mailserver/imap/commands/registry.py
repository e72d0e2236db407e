"""The commands there are: their parsers, states and handlers, registered by the family modules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.responses import Reply
from mailserver.imap.session import Session, State

C = TypeVar("C")
Handler = Callable[[Session, Any], Awaitable[Reply]]

ANY = frozenset({State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED})
NOT_AUTHENTICATED = frozenset({State.NOT_AUTHENTICATED})
AUTHENTICATED = frozenset({State.AUTHENTICATED, State.SELECTED})
SELECTED = frozenset({State.SELECTED})


@dataclass(frozen=True, slots=True)
class Command:
    """parse: reads to the end of the command before anything is touched; raises ParseError.

    expunges: whether EXPUNGE may be told before the tagged reply: not after FETCH, STORE and SEARCH
    by sequence number, whose numbers a pipelining client still counts on (RFC 3501 §7.4.1).
    try_create: a FolderMissing is about the target, which the client may create.
    """

    parse: Callable[[Cursor], Any]
    handle: Handler
    states: frozenset[State]
    expunges: bool
    try_create: bool


COMMANDS: dict[bytes, Command] = {}


def command(
    *names: str,
    states: frozenset[State],
    parse: Callable[[Cursor], C],
    expunges: bool = True,
    try_create: bool = False,
) -> Callable[[Callable[[Session, C], Awaitable[Reply]]], Callable[[Session, C], Awaitable[Reply]]]:
    """Register a handler under its names; "UID FETCH" is a name of its own."""

    def register(handle: Callable[[Session, C], Awaitable[Reply]]) -> Callable[[Session, C], Awaitable[Reply]]:
        for name in names:
            if name.encode() in COMMANDS:
                raise ValueError(f"command {name} registered twice")
            COMMANDS[name.encode()] = Command(parse, handle, states, expunges, try_create)
        return handle

    return register


def no_arguments(cursor: Cursor) -> None:
    cursor.end()
