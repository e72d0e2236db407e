"""STORE and UID STORE (RFC 3501 §6.4.6), conditional with UNCHANGEDSINCE (RFC 7162 §3.1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.errors import NOT_ALLOWED, READ_ONLY, Refusal
from mailserver.imap.fetch.plan import flag_lines
from mailserver.imap.parser.cursor import MAX_MODSEQ, Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.parser.flags import Flags, parse_flags
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import Reply, number_set, ok
from mailserver.imap.session import Extension, Session
from mailserver.store import entries
from mailserver.store.database import Tx
from mailserver.store.entries import FlagChange, Stored
from mailserver.store.letters import allowed_flags

_CHANGES = {
    b"FLAGS": FlagChange.SET,
    b"+FLAGS": FlagChange.ADD,
    b"-FLAGS": FlagChange.REMOVE,
}
CHUNK = 2000  # answers written at a time


@dataclass(frozen=True, slots=True)
class StoreCommand:
    """unchanged_since: a modseq, or None."""

    messages: SequenceSet
    change: FlagChange
    flags: Flags
    silent: bool
    unchanged_since: int | None
    uid: bool

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> StoreCommand:
        cursor.space()
        messages = SequenceSet.parse(cursor)
        cursor.space()
        unchanged_since = _parse_modifier(cursor)
        name = cursor.word("FLAGS, +FLAGS or -FLAGS")
        silent = name.endswith(b".SILENT")
        change = _CHANGES.get(name.removesuffix(b".SILENT"))
        if change is None:
            raise ParseError("Expected FLAGS, +FLAGS or -FLAGS")
        cursor.space()
        flags = parse_flags(cursor)
        cursor.end()
        return cls(messages, change, flags, silent, unchanged_since, uid)


def _parse_modifier(cursor: Cursor) -> int | None:
    if not cursor.skip(b"("):
        return None
    if cursor.word("UNCHANGEDSINCE") != b"UNCHANGEDSINCE":
        raise ParseError("Unknown modifier")
    cursor.space()
    modseq = cursor.number(MAX_MODSEQ, "a mod-sequence")
    cursor.expect(b")", "the end of the modifier")
    cursor.space()
    return modseq


def by_number(cursor: Cursor) -> StoreCommand:
    return StoreCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> StoreCommand:
    return StoreCommand.parse(cursor, uid=True)


@command("STORE", states=SELECTED, parse=by_number, expunges=False)
@command("UID STORE", states=SELECTED, parse=by_uid)
async def store(session: Session, cmd: StoreCommand) -> Reply:
    """Change flags; messages that are gone are left out (RFC 2180 §4.2).

    Where rights allow only some of the flags, those are changed (RFC 4314 §4). Raises Refusal
    [READ-ONLY], [NOPERM]; then nothing has changed.
    """
    if session.selected.read_only:
        raise Refusal(READ_ONLY)
    if cmd.unchanged_since is not None:
        session.enable(Extension.CONDSTORE)
    uids = session.view.uids_of(session.view.resolve(cmd.messages, cmd.uid))
    if not uids:
        return ok("Flags stored")
    stored = await session.write(lambda tx: _store_tx(tx, session, uids, cmd))
    await session.services.hub.absorb(session.selected.open, stored.marks, stored.modseq, session)
    await _answer(session, cmd, stored.marks.uids)
    if not stored.failed:
        return ok("Flags stored")
    failed = stored.failed if cmd.uid else [index + 1 for index in session.view.indexes_of(stored.failed)]
    return ok("Some messages have changed", b"MODIFIED " + number_set(failed))


def _store_tx(tx: Tx, session: Session, uids: Sequence[int], cmd: StoreCommand) -> Stored:
    rights = mailboxes.rights_now(tx.conn, session)
    allowed = allowed_flags(rights)
    bits, keywords = cmd.flags.bits & allowed.bits, cmd.flags.keywords if allowed.keywords else ()
    if not allowed.all and (cmd.flags.bits or cmd.flags.keywords) and not (bits or keywords):
        raise Refusal(NOT_ALLOWED)
    folder_id, since = session.selected.folder.id, cmd.unchanged_since
    if cmd.change is not FlagChange.SET or allowed.all:
        return entries.store_flags_tx(tx, folder_id, uids, cmd.change, bits, keywords, since)
    # FLAGS replaces what may be changed and keeps the rest.
    removed = entries.store_flags_tx(tx, folder_id, uids, FlagChange.REMOVE, allowed.bits & ~bits, (), since)
    added = entries.store_flags_tx(tx, folder_id, removed.marks.uids, FlagChange.ADD, bits, keywords)
    return Stored(added.marks, removed.failed, max(removed.modseq, added.modseq))


async def _answer(session: Session, cmd: StoreCommand, stored: Sequence[int]) -> None:
    """FETCH lines for all uids that were stored; .SILENT leaves the flags out (RFC 7162 §3.1.3: not MODSEQ)."""
    if cmd.silent and not session.condstore:
        return
    for start in range(0, len(stored), CHUNK):
        indexes = session.view.indexes_of(stored[start : start + CHUNK])
        uid = cmd.uid or session.enabled.qresync  # RFC 7162 §3.2.4
        await session.say_much(
            *flag_lines(session.view, indexes, uid=uid, flags=not cmd.silent, modseq=session.condstore)
        )
