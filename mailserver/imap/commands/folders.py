"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 §6.3.3 to §6.3.7, RFC 6154 §3)."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.imap.commands.listing import list_line
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.object_ids import mailbox_id
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.parser.names import parse_name
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Session, State
from mailserver.store import access, audit, folder_changes, folder_names, folders, namespaces, subscriptions
from mailserver.store.database import Tx
from mailserver.store.namespaces import Place

SPECIAL_USES = {use.upper(): use for use in ("\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash")}


# What is done again under a new name, in the order of `subscriptions.chosen`.
_KEPT = (subscriptions.subscribe_tx, subscriptions.unsubscribe_tx)


@dataclass(frozen=True, slots=True)
class CreateCommand:
    """sent: the name as the client spelt it. special_use: attribute with its backslash, or None."""

    name: str
    sent: str
    special_use: str | None

    @classmethod
    def parse(cls, cursor: Cursor) -> CreateCommand:
        cursor.space()
        name, sent = cursor.mailbox_as_sent()
        special_use = None
        if not cursor.at_end():
            cursor.space()
            special_use = _parse_use(cursor)
        cursor.end()
        return cls(name, sent, special_use)


def _parse_use(cursor: Cursor) -> str | None:
    """`(USE (\\Sent))` of RFC 6154 §3; one use a folder."""
    cursor.expect(b"(", "USE")
    if cursor.word("USE") != b"USE":
        raise ParseError("Unknown parameter")
    cursor.space()
    uses = cursor.flag_list()
    cursor.expect(b")", "the end of the parameters")
    if len(uses) > 1 or any(use.upper() not in SPECIAL_USES for use in uses):
        raise NameRefused("That special use is not possible", b"USEATTR")
    return SPECIAL_USES[uses[0].upper()] if uses else None


@command("CREATE", states=AUTHENTICATED, parse=CreateCommand.parse)
async def create(session: Session, cmd: CreateCommand) -> Reply:
    """Make a folder and what is missing above it, and subscribe to it.

    Thunderbird hides folders that nobody subscribed to (Cyrus `imapd.c:15420`, stalwart #1342).
    Raises FolderExists, FolderNameInvalid, Forbidden.
    """

    def work(tx: Tx) -> int:
        place = namespaces.place(tx.conn, session.actor, cmd.name)
        _must_create(place, cmd.name)
        folder = folders.create_tx(tx, place.owner_id, place.name, special_use=cmd.special_use)
        audit.managed_tx(tx, "folder.created", place.owner_id, place.name)
        subscriptions.subscribe_tx(tx, session.principal_id, cmd.name)
        return folder.id

    folder_id = await session.write(work)
    _tell_spelling(session, cmd.name, cmd.sent)
    return ok("Folder created", b"MAILBOXID " + mailbox_id(folder_id))


def _tell_spelling(session: Session, name: str, sent: str) -> None:
    """Say what a new folder is really called, where that is not what was asked for (RFC 9051 §6.3.4)."""
    if session.enabled.rev2 and sent != name:
        session.say(list_line(session, b"LIST", (), name, old_name=sent))


@command("DELETE", states=AUTHENTICATED, parse=parse_name)
async def delete(session: Session, name: str) -> Reply:
    """Remove a folder and its messages. Raises FolderMissing, FolderInUse, Forbidden.

    The subscription goes too: clients never unsubscribe from what they delete. A session that has
    the folder open leaves it, as at Dovecot; those of others end (RFC 2180 §3.3).
    """

    def work(tx: Tx) -> int:
        folder, rights = namespaces.resolve(tx.conn, session.actor, name)
        access.check(rights, "x", name)
        folder_changes.delete_tx(tx, folder.owner_id, folder.name)
        audit.managed_tx(tx, "folder.deleted", folder.owner_id, folder.name)
        subscriptions.forget_tx(tx, session.principal_id, name)
        return folder.id

    deleted = await session.write(work)
    if session.state is State.SELECTED and session.selected.folder.id == deleted:
        session.unselect()
    return ok("Folder deleted")


@dataclass(frozen=True, slots=True)
class RenameCommand:
    """sent: the new name as the client spelt it."""

    old: str
    new: str
    sent: str

    @classmethod
    def parse(cls, cursor: Cursor) -> RenameCommand:
        cursor.space()
        old = cursor.mailbox()
        cursor.space()
        new, sent = cursor.mailbox_as_sent()
        cursor.end()
        return cls(old, new, sent)


@command("RENAME", states=AUTHENTICATED, parse=RenameCommand.parse)
async def rename(session: Session, cmd: RenameCommand) -> Reply:
    """Rename a folder with what is below it, within one mailbox; subscriptions follow.

    Of INBOX the messages are moved (RFC 3501 §6.3.5). Raises FolderMissing, FolderExists, FolderInUse,
    FolderNameInvalid, Forbidden.
    """

    def work(tx: Tx) -> None:
        folder, rights = namespaces.resolve(tx.conn, session.actor, cmd.old)
        access.check(rights, "x", cmd.old)
        new = namespaces.place(tx.conn, session.actor, cmd.new)
        _must_create(new, cmd.new)
        if folder.owner_id != new.owner_id:
            raise NameRefused("A folder stays in its mailbox")
        folder_changes.rename_tx(tx, folder.owner_id, folder.name, new.name)
        audit.managed_tx(tx, "folder.renamed", folder.owner_id, new.name, old=folder.name)
        _move_subscriptions(tx, session, cmd)

    await session.write(work)
    _tell_spelling(session, cmd.new, cmd.sent)
    return ok("Folder renamed")


def _move_subscriptions(tx: Tx, session: Session, cmd: RenameCommand) -> None:
    own = session.principal_id
    if cmd.old != "INBOX":
        below = cmd.old + "/"
        for names, put_tx in zip(subscriptions.chosen(tx.conn, own), _KEPT, strict=True):
            for name in names:
                if name == cmd.old or name.startswith(below):
                    subscriptions.forget_tx(tx, own, name)
                    put_tx(tx, own, cmd.new + name[len(cmd.old) :])
    subscriptions.subscribe_tx(tx, own, cmd.new)


def _must_create(place: Place, name: str) -> None:
    """The right "k" on the nearest level above that is there (RFC 4314 §4). Raises FolderMissing, Forbidden."""
    access.check(place.above, "k", name)


@command("SUBSCRIBE", states=AUTHENTICATED, parse=parse_name)
async def subscribe(session: Session, name: str) -> Reply:
    """Put a name on the person's list, whether there is such a folder or not (RFC 3501 §6.3.6).

    Raises FolderNameInvalid for what no folder can be called: LSUB would tell it to every client.
    """
    name = folder_names.seen(name)
    await session.write(lambda tx: subscriptions.subscribe_tx(tx, session.principal_id, name))
    return ok("Subscribed")


@command("UNSUBSCRIBE", states=AUTHENTICATED, parse=parse_name)
async def unsubscribe(session: Session, name: str) -> Reply:
    """Take a name off the person's list; also that of a folder which is there because others share it."""
    await session.write(lambda tx: subscriptions.unsubscribe_tx(tx, session.principal_id, name))
    return ok("Unsubscribed")
