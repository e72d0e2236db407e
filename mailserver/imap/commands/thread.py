"""THREAD and UID THREAD (RFC 5256 §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from sqlalchemy import Connection

from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.commands.search import begin
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, ok
from mailserver.imap.search.evaluate import evaluate
from mailserver.imap.search.frozen import Frozen
from mailserver.imap.search.program import And
from mailserver.imap.search.reading import Reader
from mailserver.imap.search.sort import sent_dates
from mailserver.imap.search.threads import Forest, ordered_subject, references, render
from mailserver.imap.session import Session
from mailserver.mime.subjects import find_base
from mailserver.store import messages
from mailserver.store.ancestry import numbers_of


@unique
class Algorithm(Enum):
    """The value is the name on the wire."""

    ORDEREDSUBJECT = b"ORDEREDSUBJECT"
    REFERENCES = b"REFERENCES"


_ALGORITHMS = {algorithm.value: algorithm for algorithm in Algorithm}


@dataclass(frozen=True, slots=True)
class ThreadCommand:
    algorithm: Algorithm
    program: And
    uid: bool

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> ThreadCommand:
        cursor.space()
        algorithm = _ALGORITHMS.get(cursor.word("a threading algorithm"))
        if algorithm is None:
            raise ParseError("Unknown threading algorithm")
        cursor.space()
        charset = cursor.astring("a charset")
        cursor.space()
        program = Reader(cursor, charset).program()
        cursor.end()
        return cls(algorithm, program, uid)


def by_number(cursor: Cursor) -> ThreadCommand:
    return ThreadCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> ThreadCommand:
    return ThreadCommand.parse(cursor, uid=True)


@command("THREAD", states=SELECTED, parse=by_number, expunges=False)
@command("UID THREAD", states=SELECTED, parse=by_uid)
async def thread(session: Session, cmd: ThreadCommand) -> Reply:
    """Find messages as SEARCH does and give them in threads."""
    frozen = await begin(session, cmd.program, cmd.uid)
    lists = await session.read(lambda conn: _threads(conn, frozen, cmd))
    await session.say_much(b"* THREAD" + (b" " + lists if lists else b"") + b"\r\n")
    return ok("Threaded")


def _threads(conn: Connection, frozen: Frozen, cmd: ThreadCommand) -> bytes:
    indexes = evaluate(conn, frozen, cmd.program)
    dates = sent_dates(conn, frozen, indexes)
    ranks = [0] * len(indexes)
    for rank, at in enumerate(sorted(range(len(indexes)), key=lambda at: dates[indexes[at]])):
        ranks[at] = rank
    forest = _forest(conn, [frozen.pks[index] for index in indexes], ranks, cmd.algorithm)
    return render(forest, [b"%d" % (frozen.uids[index] if cmd.uid else index + 1) for index in indexes])


def _forest(conn: Connection, pks: list[int], ranks: list[int], algorithm: Algorithm) -> Forest:
    if algorithm is Algorithm.ORDEREDSUBJECT:
        bases = messages.load_many(conn, set(pks), ["base_subject"])
        return ordered_subject([bases.get(pk, ("",))[0] for pk in pks], ranks)
    loaded = messages.load_many(conn, set(pks), ["ancestry", "base_subject", "subject"])
    found = [loaded.get(pk, (None, "", "")) for pk in pks]
    return references(
        [numbers_of(kept) for kept, _, _ in found],
        [base for _, base, _ in found],
        lambda at: find_base(found[at][2]).answering,
        ranks,
    )
