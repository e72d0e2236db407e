"""Catching up after a time away: the QRESYNC parameter of SELECT, and VANISHED (RFC 7162 §3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection

from mailserver.imap.fetch.plan import flag_lines
from mailserver.imap.fetch.plan import spans as ranges_of
from mailserver.imap.parser.cursor import MAX_MODSEQ, MAX_NUMBER, Cursor
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import ranges_text
from mailserver.imap.session import Session
from mailserver.imap.view import View
from mailserver.store import entries, folders, spans

CHUNK = 2000  # answers written at a time


@dataclass(frozen=True, slots=True)
class Sample:
    """Some sequence numbers of a client and their UIDs, both ascending (RFC 7162 §3.2.5.2)."""

    numbers: SequenceSet
    uids: SequenceSet

    def agrees_to(self, view: View) -> int:
        """The last UID that has the same number here: none before it has gone. 0 where there is none.

        Only what has gone shifts numbers, so that behind the first pair that differs none agrees.
        """
        agreed = 0
        for number, uid in zip(_each(self.numbers), _each(self.uids), strict=False):
            if number > view.count or view.rows.uids[number - 1] != uid:
                break
            agreed = uid
        return agreed


def _each(numbers: SequenceSet) -> Iterator[int]:
    """The numbers of a set, which may name thousands of millions of them."""
    return chain.from_iterable(range(low, high + 1) for low, high in numbers.bounds(MAX_NUMBER))


@dataclass(frozen=True, slots=True)
class Resync:
    """What a client says it knows of a folder. known: UIDs it has, None for all up to the last."""

    uidvalidity: int
    modseq: int
    known: SequenceSet | None
    sample: Sample | None

    @classmethod
    def parse(cls, cursor: Cursor) -> Resync:
        """`(uidvalidity modseq [known-uids] [(numbers uids)])`, RFC 7162 §3.2.5."""
        cursor.expect(b"(", "the parameters of QRESYNC")
        uidvalidity = cursor.number(MAX_NUMBER, "a UIDVALIDITY")
        cursor.space()
        modseq = cursor.number(MAX_MODSEQ, "a mod-sequence")
        known = sample = None
        if cursor.skip(b" ") and cursor.peek() != b"(":
            known = SequenceSet.parse(cursor)
            cursor.skip(b" ")
        if cursor.skip(b"("):
            numbers = SequenceSet.parse(cursor)
            cursor.space()
            sample = Sample(numbers, SequenceSet.parse(cursor))
            cursor.expect(b")", "the end of the matching sets")
        cursor.expect(b")", "the end of the parameters")
        return cls(uidvalidity, modseq, known, sample)


async def resync(session: Session, given: Resync) -> None:
    """Tell what has happened to the folder just opened since the client has seen it (RFC 7162 §3.2.5.1).

    Of another UIDVALIDITY nothing is told: the client then begins anew.
    """
    if given.uidvalidity != session.selected.folder.uidvalidity:
        return
    view = session.view
    await say_vanished(session, given.modseq, given.known, given.sample)
    known = range(view.count)
    ranges = [known] if given.known is None else view.resolve(given.known, uid=True)
    modseqs = view.rows.modseqs
    changed = [index for span in ranges for index in span if modseqs[index] > given.modseq]
    for span in ranges_of(changed):
        for start in range(span.start, span.stop, CHUNK):
            part = range(start, min(start + CHUNK, span.stop))
            await session.say_much(*flag_lines(view, part, uid=True, flags=True, modseq=True))


async def say_vanished(session: Session, modseq: int, known: SequenceSet | None, sample: Sample | None = None) -> None:
    """`VANISHED (EARLIER)` for those of `known` that went after `modseq` (RFC 7162 §3.2.10.1).

    sample: shortens the answer where it is forgotten what has gone. What this session still has in its view is left
    out: it is told as it goes. "*" stands for any number: the last message may be the one that went.
    """
    folder_id, view = session.selected.folder.id, session.view
    forgotten, gone = await session.read(lambda conn: _vanished(conn, folder_id, modseq))
    if known is not None:
        gone = spans.common(gone, known.bounds(MAX_NUMBER))
    if forgotten and sample is not None:
        gone = spans.common(gone, [(sample.agrees_to(view) + 1, MAX_NUMBER)])
    gone = spans.without(gone, view.rows.uids, view.count)
    for start in range(0, len(gone), CHUNK):
        await session.say_much(b"* VANISHED (EARLIER) %b\r\n" % ranges_text(gone[start : start + CHUNK]))


def _vanished(conn: Connection, folder_id: int, modseq: int) -> tuple[bool, spans.Spans]:
    """Whether it is forgotten what has gone after `modseq`; and what that may be."""
    folder = folders.by_id(conn, folder_id)
    return modseq < folder.forgotten_modseq, entries.vanished_since(conn, folder, modseq)
