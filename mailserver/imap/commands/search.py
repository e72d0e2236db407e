"""SEARCH and UID SEARCH (RFC 3501 §6.4.4), ESEARCH (RFC 4731), SEARCHRES (RFC 5182), MODSEQ (RFC 7162
§3.1.5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.errors import NOT_ALLOWED, Refusal
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused
from mailserver.imap.responses import Reply, ok
from mailserver.imap.search.evaluate import evaluate
from mailserver.imap.search.frozen import Frozen, freeze
from mailserver.imap.search.program import And, Messages, reads_text, uses_modseq
from mailserver.imap.search.reading import Reader
from mailserver.imap.search.results import Returns, esearch, next_word, parse_returns
from mailserver.imap.session import Extension, Session
from mailserver.store.attachments import has_waiting, index_folder

# Seconds after which a search goes on without the documents that nobody has read yet.
READING_S = 5


@dataclass(frozen=True, slots=True)
class SearchCommand:
    """returns: None for the plain answer of RFC 3501. refused: see `read_program`."""

    program: And
    returns: Returns | None
    uid: bool
    refused: NameRefused | None = None

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> SearchCommand:
        cursor.space()
        returns = parse_returns(cursor)
        charset = b"UTF-8"
        if next_word(cursor) == b"CHARSET":
            cursor.word()
            cursor.space()
            charset = cursor.astring("a charset")
            cursor.space()
        program, refused = read_program(cursor, charset, returns)
        return cls(program, returns, uid, refused)


def read_program(cursor: Cursor, charset: bytes, returns: Returns | None) -> tuple[And, NameRefused | None]:
    """The keys up to the end, and why they are refused: with SAVE a NO leaves nothing in "$" (RFC 5182 §2.1), so
    that it is for `run` to say. Raises ParseError, and without SAVE NameRefused."""
    try:
        program = Reader(cursor, charset).program()
    except NameRefused as refused:
        if returns is None or not returns.save:
            raise
        return And(()), refused
    cursor.end()
    return program, None


def by_number(cursor: Cursor) -> SearchCommand:
    return SearchCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> SearchCommand:
    return SearchCommand.parse(cursor, uid=True)


@command("SEARCH", states=SELECTED, parse=by_number, expunges=False)
@command("UID SEARCH", states=SELECTED, parse=by_uid)
async def search(session: Session, cmd: SearchCommand) -> Reply:
    """Find messages. What has been delivered before the command is found by it.

    Sequence numbers beyond the last are tolerated (Zimbra `ImapFolder.java:891`). Words are found with
    and without Vietnamese diacritics (see `mailserver.text.fold`). In IMAP4rev2 the plain answer is gone
    (RFC 9051 §6.4.4).
    """
    if session.enabled.rev2 and cmd.returns is None:
        cmd = replace(cmd, returns=Returns(everything=True))
    await run(session, cmd, b"SEARCH", lambda conn, frozen: evaluate(conn, frozen, cmd.program))
    return ok("Search done")


class Searching(Protocol):
    """What SEARCH and SORT have in common."""

    @property
    def program(self) -> And: ...
    @property
    def returns(self) -> Returns | None: ...
    @property
    def uid(self) -> bool: ...
    @property
    def refused(self) -> NameRefused | None: ...


Find = Callable[[Connection, Frozen], Sequence[int]]


async def run(session: Session, cmd: Searching, name: bytes, find: Find) -> None:
    """Find messages and answer. name: of the plain response. find: gives indexes in their order.

    After SAVE, "$" means what was found, or nothing if that fails (RFC 5182 §2.1).
    """
    view, returns = session.view, cmd.returns
    try:
        if cmd.refused is not None:
            raise cmd.refused
        frozen = await begin(session, cmd.program, cmd.uid)
        indexes = await session.read(lambda conn: find(conn, frozen))
    except BaseException:
        if returns is not None and returns.save:
            view.saved = ()
        raise
    if returns is not None and returns.save:
        view.saved = sorted([frozen.uids[index] for index in returns.meant(indexes)])
        if returns.silent:
            return
    await session.say_much(_answer(session, cmd, frozen, indexes, name))


async def begin(session: Session, program: And, uid: bool) -> Frozen:
    """What the open folder holds now, for a command that searches it.

    uid: whether it answers in UIDs, so that EXPUNGE may be told. Raises Refusal [NOPERM].
    """
    if "r" not in session.selected.rights:
        raise Refusal(NOT_ALLOWED)
    if uses_modseq(program):
        session.enable(Extension.CONDSTORE)
    await session.refresh()
    if reads_text(program):
        await _read_attachments(session)
    session.tell(expunges=uid)
    view = session.view

    def resolve(key: Messages) -> Iterable[range]:
        return view.resolve(key.numbers, key.uid, strict=False)

    offset = session.services.settings.utc_offset_minutes
    return freeze(view, session.selected.folder.id, int(time.time()), offset, resolve)


async def _read_attachments(session: Session) -> None:
    """Have the documents read that came so recently that nobody has yet: an answer is right the moment
    a message is delivered."""
    services, folder_id = session.services, session.selected.folder.id
    if await session.read(lambda conn: has_waiting(conn, folder_id)):
        stop_at = time.monotonic() + READING_S
        async with services.reading:
            await asyncio.to_thread(index_folder, services.store, folder_id, stop_at)


def _answer(session: Session, cmd: Searching, frozen: Frozen, indexes: Sequence[int], name: bytes) -> bytes:
    numbers = [frozen.uids[index] for index in indexes] if cmd.uid else [index + 1 for index in indexes]
    modseqs = [frozen.modseqs[index] for index in indexes] if uses_modseq(cmd.program) else None
    if cmd.returns is not None:
        return esearch(cmd.returns, session.tag, cmd.uid, numbers, modseqs)
    line = b"* " + name + b"".join([b" %d" % number for number in numbers])
    return line + (b" (MODSEQ %d)\r\n" % max(modseqs) if modseqs else b"\r\n")
