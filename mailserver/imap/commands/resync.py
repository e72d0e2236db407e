"""Catching up after a time away: the QRESYNC parameter of SELECT, and VANISHED (RFC 7162 §3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.imap.fetch.plan import flag_lines, spans
from mailserver.imap.parser.cursor import MAX_MODSEQ, MAX_NUMBER, Cursor
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import number_set
from mailserver.imap.session import Session
from mailserver.store import entries

CHUNK = 2000  # answers written at a time


@dataclass(frozen=True, slots=True)
class Resync:
    """What a client says it knows of a folder. known: UIDs it has, None for all up to the last."""

    uidvalidity: int
    modseq: int
    known: SequenceSet | None

    @classmethod
    def parse(cls, cursor: Cursor) -> Resync:
        """`(uidvalidity modseq [known-uids] [(numbers uids)])`, RFC 7162 §3.2.5.

        The last pair helps servers that have forgotten what was removed; we never have.
        """
        cursor.expect(b"(", "the parameters of QRESYNC")
        uidvalidity = cursor.number(MAX_NUMBER, "a UIDVALIDITY")
        cursor.space()
        modseq = cursor.number(MAX_MODSEQ, "a mod-sequence")
        known = None
        if cursor.skip(b" ") and cursor.peek() != b"(":
            known = SequenceSet.parse(cursor)
            cursor.skip(b" ")
        if cursor.skip(b"("):
            SequenceSet.parse(cursor)
            cursor.space()
            SequenceSet.parse(cursor)
            cursor.expect(b")", "the end of the matching sets")
        cursor.expect(b")", "the end of the parameters")
        return cls(uidvalidity, modseq, known)


async def resync(session: Session, given: Resync) -> None:
    """Tell what has happened to the folder just opened since the client has seen it (RFC 7162 §3.2.5.1).

    Of another UIDVALIDITY nothing is told: the client then begins anew.
    """
    if given.uidvalidity != session.selected.folder.uidvalidity:
        return
    await say_vanished(session, given.modseq, given.known)
    view = session.view
    known = range(view.count)
    ranges = [known] if given.known is None else view.resolve(given.known, uid=True)
    modseqs = view.rows.modseqs
    changed = [index for span in ranges for index in span if modseqs[index] > given.modseq]
    for span in spans(changed):
        for start in range(span.start, span.stop, CHUNK):
            part = range(start, min(start + CHUNK, span.stop))
            await session.say_much(*flag_lines(view, part, uid=True, flags=True, modseq=True))


async def say_vanished(session: Session, modseq: int, known: SequenceSet | None) -> None:
    """`VANISHED (EARLIER)` for those of `known` that went after `modseq` (RFC 7162 §3.2.10.1).

    What this session still has in its view is left out: it is told as it goes. "*" stands for any
    number: the last message may be the one that went.
    """
    folder_id, view = session.selected.folder.id, session.view
    gone = await session.read(lambda conn: entries.vanished_since(conn, folder_id, modseq))
    if known is not None:
        gone = _within(gone, known.bounds(MAX_NUMBER))
    gone = [uid for uid in gone if view.rows.find(uid, view.count) < 0]
    if gone:
        await session.say_much(b"* VANISHED (EARLIER) %b\r\n" % number_set(gone))


def _within(uids: list[int], bounds: list[tuple[int, int]]) -> list[int]:
    """Those of the ascending uids that lie in one of the ascending, disjoint bounds."""
    found, at = [], 0
    for uid in uids:
        while at < len(bounds) and bounds[at][1] < uid:
            at += 1
        if at == len(bounds):
            break
        if bounds[at][0] <= uid:
            found.append(uid)
    return found
