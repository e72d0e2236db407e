"""SORT and UID SORT (RFC 5256 §3), SORT=DISPLAY (RFC 5957), RETURN (RFC 5267 §3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.commands.search import read_program, run
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused
from mailserver.imap.responses import Reply, ok
from mailserver.imap.search.evaluate import evaluate
from mailserver.imap.search.frozen import Frozen
from mailserver.imap.search.program import And
from mailserver.imap.search.results import Returns, parse_returns
from mailserver.imap.search.sort import Criterion, ordered, parse_criteria
from mailserver.imap.session import Session


@dataclass(frozen=True, slots=True)
class SortCommand:
    """returns: None for the plain answer of RFC 5256. refused: see `search.read_program`."""

    criteria: tuple[Criterion, ...]
    program: And
    returns: Returns | None
    uid: bool
    refused: NameRefused | None = None

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> SortCommand:
        cursor.space()
        returns = parse_returns(cursor)
        criteria = parse_criteria(cursor)
        cursor.space()
        charset = cursor.astring("a charset")
        cursor.space()
        program, refused = read_program(cursor, charset, returns)
        return cls(criteria, program, returns, uid, refused)


def by_number(cursor: Cursor) -> SortCommand:
    return SortCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> SortCommand:
    return SortCommand.parse(cursor, uid=True)


@command("SORT", states=SELECTED, parse=by_number, expunges=False)
@command("UID SORT", states=SELECTED, parse=by_uid)
async def sort(session: Session, cmd: SortCommand) -> Reply:
    """Find messages as SEARCH does and give them in the order asked for."""

    def find(conn: Connection, frozen: Frozen) -> list[int]:
        return ordered(conn, frozen, evaluate(conn, frozen, cmd.program), cmd.criteria)

    await run(session, cmd, b"SORT", find)
    return ok("Sorted")
