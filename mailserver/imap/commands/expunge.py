"""EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import SELECTED, command, no_arguments
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Session
from mailserver.store import entries
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class ExpungeCommand:
    """uids: None for every message that is \\Deleted."""

    uids: SequenceSet | None

    @classmethod
    def parse(cls, cursor: Cursor) -> ExpungeCommand:
        cursor.space()
        uids = SequenceSet.parse(cursor)
        cursor.end()
        return cls(uids)


@command("EXPUNGE", states=SELECTED, parse=no_arguments)
async def expunge(session: Session, _arguments: None) -> Reply:
    """Remove every message that is \\Deleted. Raises MoveRefused: then nothing is gone.

    The answer tells the modseq that a client with CONDSTORE may go on from (RFC 7162 §3.2.7).
    """
    return await _expunge(session, None)


@command("UID EXPUNGE", states=SELECTED, parse=ExpungeCommand.parse)
async def uid_expunge(session: Session, cmd: ExpungeCommand) -> Reply:
    """Remove those of the given messages that are \\Deleted."""
    return await _expunge(session, cmd.uids)


async def _expunge(session: Session, numbers: SequenceSet | None) -> Reply:
    mailboxes.must_write(session, "e")
    await session.refresh()
    folder_id = session.selected.folder.id
    uids = None if numbers is None else session.view.uids_of(session.view.resolve(numbers, uid=True))

    def work(tx: Tx) -> list[int]:
        mailboxes.demand(tx.conn, session, "e")
        return entries.expunge_tx(tx, folder_id, uids, only_deleted=uids is not None)

    gone: list[int] = []
    if uids is None or uids:
        gone = await session.write(work)
        await session.refresh()
    return ok("Expunged", session.highest() if gone else b"")
