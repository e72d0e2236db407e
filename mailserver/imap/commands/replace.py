"""REPLACE and UID REPLACE: a new message takes the place of an old one (RFC 8508)."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.imap import mailboxes
from mailserver.imap.commands.append import NewMessage, append_tx, appenduid, prepare_all, refuse_empty
from mailserver.imap.commands.registry import SELECTED, command
from mailserver.imap.errors import GONE, Refusal
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import Reply, Status, ok, untagged
from mailserver.imap.session import Session
from mailserver.store import entries, folders
from mailserver.store.database import Tx
from mailserver.store.folders import Folder
from mailserver.store.quota import Amount


@dataclass(frozen=True, slots=True)
class ReplaceCommand:
    """old: one number or "*". name: the folder that the new message goes to."""

    old: SequenceSet
    name: str
    message: NewMessage
    uid: bool

    @classmethod
    def parse(cls, cursor: Cursor, uid: bool) -> ReplaceCommand:
        cursor.space()
        old = SequenceSet.parse(cursor)
        if len(old.ranges) != 1 or old.ranges[0][0] != old.ranges[0][1]:
            raise ParseError("Expected one message")
        cursor.space()
        name = cursor.mailbox()
        cursor.space()
        message = NewMessage.parse(cursor)
        cursor.end()
        return cls(old, name, message, uid)


def by_number(cursor: Cursor) -> ReplaceCommand:
    return ReplaceCommand.parse(cursor, uid=False)


def by_uid(cursor: Cursor) -> ReplaceCommand:
    return ReplaceCommand.parse(cursor, uid=True)


@command("REPLACE", states=SELECTED, parse=by_number, try_create=True)
@command("UID REPLACE", states=SELECTED, parse=by_uid, try_create=True)
async def replace(session: Session, cmd: ReplaceCommand) -> Reply:
    """Append and expunge in one commit (RFC 8508 §3.4): never both messages, never none.

    Needs what APPEND and EXPUNGE need together; policies and folder behaviours are asked as they ask.
    Raises FolderMissing, Forbidden, MessageTooLarge, OverQuota, StoreFull, MoveRefused, Refusal [NONEXISTENT]
    where the old message is gone; then nothing has changed.
    """
    for right in "te":
        mailboxes.must_write(session, right)
    refuse_empty((cmd.message,))
    if cmd.uid:
        await session.refresh_for(cmd.old)
    uids = session.view.uids_of(session.view.resolve(cmd.old, cmd.uid))
    if not uids:
        raise Refusal(GONE)
    (index,) = session.view.indexes_of(uids)
    replaced = Amount(session.view.rows.sizes[index], 1)
    prepared = await prepare_all(session, cmd.name, (cmd.message,))
    source_id = session.selected.folder.id

    def work(tx: Tx) -> tuple[Folder, list[int]]:
        target = mailboxes.find(tx.conn, session.actor, cmd.name)
        for right in "te":
            mailboxes.demand(tx.conn, session, right)
        folders.lock_tx(tx, {source_id, target.folder.id})  # in the order of all locks
        appended = append_tx(tx, session, cmd.name, (cmd.message,), prepared, replaced)
        if not entries.expunge_tx(tx, source_id, uids):
            raise Refusal(GONE)
        return appended

    folder, new = await session.write(work)
    await mailboxes.note_opening(session, folder)
    # Before the EXPUNGE of the old one, so that a client can keep its place (RFC 8508 §4.3).
    session.say(untagged(Status.OK, "Replacement stored", appenduid(folder, new)))
    await session.refresh()
    return ok("Replaced", session.highest())
