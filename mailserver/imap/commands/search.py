"""SEARCH and UID SEARCH (RFC 3501 §6.4.4), ESEARCH (RFC 4731), MODSEQ (RFC 7162 §3.1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.errors import NOT_ALLOWED, Refusal
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, number_set, ok
from mailserver.imap.search.evaluate import evaluate, freeze
from mailserver.imap.search.program import And, Messages, Reader, uses_modseq
from mailserver.imap.session import Extension, Session

_RETURNS = frozenset((b"MIN", b"MAX", b"ALL", b"COUNT"))


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """returns: None for the plain answer of RFC 3501."""

    program: And
    returns: frozenset[bytes] | None
    uid: bool

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> SearchCommand:
        cursor.space()
        returns = _parse_returns(cursor)
        charset = b"UTF-8"
        if _next_word(cursor) == b"CHARSET":
            cursor.word()
            cursor.space()
            charset = cursor.astring("a charset")
            cursor.space()
        program = Reader(cursor, charset).program()
        cursor.end()
        return cls(program, returns, uid)


def _next_word(cursor: Cursor) -> bytes:
    """The word that comes next, without moving; b"" if something else does."""
    start = cursor.at
    try:
        return cursor.word()
    except ParseError:
        return b""
    finally:
        cursor.at = start


def _parse_returns(cursor: Cursor) -> frozenset[bytes] | None:
    """`RETURN ()` means `RETURN (ALL)` (RFC 4731 §3.1)."""
    if _next_word(cursor) != b"RETURN":
        return None
    cursor.word()
    cursor.space()
    found = frozenset(cursor.items(lambda inner: inner.word("a result option")))
    if not found <= _RETURNS:
        raise ParseError("Unknown result option")
    cursor.space()
    return found or frozenset((b"ALL",))


def by_number(cursor: Cursor) -> SearchCommand:
    return SearchCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> SearchCommand:
    return SearchCommand.parse(cursor, uid=True)


@command("SEARCH", states=SELECTED, parse=by_number, expunges=False)
@command("UID SEARCH", states=SELECTED, parse=by_uid)
async def search(session: Session, cmd: SearchCommand) -> Reply:
    """Find messages. What has been delivered before the command is found by it.

    Sequence numbers beyond the last are tolerated (Zimbra `ImapFolder.java:891`). Words are found with
    and without Vietnamese diacritics (see `mailserver.text.fold`).
    """
    if "r" not in session.selected.rights:
        raise Refusal(NOT_ALLOWED)
    with_modseq = uses_modseq(cmd.program)
    if with_modseq:
        session.enabled.add(Extension.CONDSTORE)
    await session.refresh()
    session.tell(expunges=cmd.uid)
    view = session.view

    def resolve(key: Messages) -> Iterable[range]:
        return view.resolve(key.numbers, key.uid, strict=False)

    frozen = freeze(view, session.selected.folder.id, session.services.settings.utc_offset_minutes, resolve)
    indexes = await session.read(lambda conn: evaluate(conn, frozen, cmd.program))
    numbers = [frozen.uids[index] for index in indexes] if cmd.uid else [index + 1 for index in indexes]
    modseq = max((frozen.modseqs[index] for index in indexes), default=0) if with_modseq else 0
    if cmd.returns is None:
        await session.say_much(_plain(numbers, modseq))
    else:
        tag = session.tag
        await session.say_much(_extended(cmd, tag, numbers, modseq))
    return ok("Search done")


def _plain(numbers: list[int], modseq: int) -> bytes:
    line = b"* SEARCH" + b"".join([b" %d" % number for number in numbers])
    return line + (b" (MODSEQ %d)\r\n" % modseq if modseq else b"\r\n")


def _extended(cmd: SearchCommand, tag: bytes, numbers: list[int], modseq: int) -> bytes:
    """RFC 4731 §3.1; results that would be empty are left out, but for COUNT."""
    returns = cmd.returns or frozenset()
    pieces = [b'* ESEARCH (TAG "%b")' % tag.replace(b"\\", b"\\\\")]
    if cmd.uid:
        pieces.append(b"UID")
    if numbers and b"MIN" in returns:
        pieces.append(b"MIN %d" % numbers[0])
    if numbers and b"MAX" in returns:
        pieces.append(b"MAX %d" % numbers[-1])
    if b"COUNT" in returns:
        pieces.append(b"COUNT %d" % len(numbers))
    if numbers and b"ALL" in returns:
        pieces.append(b"ALL " + number_set(numbers))
    if modseq:
        pieces.append(b"MODSEQ %d" % modseq)
    return b" ".join(pieces) + b"\r\n"
