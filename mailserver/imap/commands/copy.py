"""COPY, MOVE and their UID forms (RFC 3501 §6.4.7, RFC 6851, RFC 4315 §3)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import Reply, Status, number_set, ok, untagged
from mailserver.imap.session import Session
from mailserver.store import entries, quota
from mailserver.store.database import Tx
from mailserver.store.folders import Folder
from mailserver.store.letters import allowed_flags


@dataclass(frozen=True, slots=True)
class TransferCommand:
    """target: folder name, Unicode NFC. uid: whether `messages` are UIDs."""

    messages: SequenceSet
    target: str
    uid: bool

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> TransferCommand:
        cursor.space()
        messages = SequenceSet.parse(cursor)
        cursor.space()
        target = cursor.mailbox()
        cursor.end()
        return cls(messages, target, uid)


def by_number(cursor: Cursor) -> TransferCommand:
    return TransferCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> TransferCommand:
    return TransferCommand.parse(cursor, uid=True)


@command("COPY", states=SELECTED, parse=by_number, try_create=True)
@command("UID COPY", states=SELECTED, parse=by_uid, try_create=True)
async def copy(session: Session, cmd: TransferCommand) -> Reply:
    """Copy messages to another folder.

    Messages that are gone are left out, and the answer is still OK: clients repeat a refused UID COPY
    for ever (stalwart #1201, #670). Raises FolderMissing, OverQuota, StoreFull, MoveRefused (a folder behaviour
    said no); then nothing has been copied.
    """
    uids = await _chosen(session, cmd)
    done = await _transfer(session, uids, cmd.target, entries.copy_tx, moving=False)
    await session.refresh_if_open(done[0].id)
    return ok("Copied", _copyuid(*done) if done[1] else b"")


@command("MOVE", states=SELECTED, parse=by_number, try_create=True)
@command("UID MOVE", states=SELECTED, parse=by_uid, try_create=True)
async def move(session: Session, cmd: TransferCommand) -> Reply:
    """Move messages to another folder (RFC 6851 §3.3), as `copy`; never out of a read-only one."""
    mailboxes.must_write(session, "t")
    mailboxes.must_write(session, "e")
    uids = await _chosen(session, cmd)
    done = await _transfer(session, uids, cmd.target, entries.move_tx, moving=True)
    if done[1]:
        # Before the EXPUNGE lines, RFC 6851 §4.3.
        session.say(untagged(Status.OK, "Moved", _copyuid(*done)))
    await session.refresh()
    return ok("Moved", session.highest() if done[1] else b"")


async def _chosen(session: Session, cmd: TransferCommand) -> array[int]:
    if cmd.uid:
        await session.refresh_for(cmd.messages)
    return session.view.uids_of(session.view.resolve(cmd.messages, cmd.uid))


Pairs = list[tuple[int, int]]


async def _transfer(
    session: Session,
    uids: Sequence[int],
    target: str,
    transfer_tx: Callable[..., Pairs],
    moving: bool,
) -> tuple[Folder, Pairs]:
    """The target folder, and (uid here, uid there) of each message that came over."""
    source_id = session.selected.folder.id

    def work(tx: Tx) -> tuple[Folder, Pairs]:
        mailbox = mailboxes.find(tx.conn, session.actor, target)
        mailboxes.must_have(mailbox, "i")
        for right in "te" if moving else "r":
            mailboxes.demand(tx.conn, session, right)
        if not moving or mailbox.folder.owner_id != session.selected.folder.owner_id:
            quota.require_room_for_entries(tx.conn, mailbox.folder.owner_id, source_id, uids)
        keep = allowed_flags(mailbox.rights)
        pairs = transfer_tx(tx, source_id, uids, mailbox.folder.id, keep=keep) if uids else []
        return mailbox.folder, pairs

    done = await session.write(work)
    await mailboxes.note_opening(session, done[0])
    return done


def _copyuid(target: Folder, pairs: Pairs) -> bytes:
    """RFC 4315 §3; both sets in the same order."""
    sources = number_set([pair[0] for pair in pairs])
    copies = number_set([pair[1] for pair in pairs])
    return b"COPYUID %d %b %b" % (target.uidvalidity, sources, copies)
