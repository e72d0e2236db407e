"""STATUS (RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 8438, RFC 8474 §4.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.mailboxes import Mailbox
from mailserver.imap.object_ids import mailbox_id
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Extension, Session
from mailserver.store.folders import Folder
from mailserver.store.personal import as_seen_by

# Everything is in the folder's row: nothing is scanned.
ITEMS: dict[bytes, Callable[[Folder], int | bytes]] = {
    b"MESSAGES": lambda folder: folder.messages,
    b"RECENT": lambda folder: min(folder.messages, max(0, folder.uidnext - folder.recent_from)),
    b"UIDNEXT": lambda folder: folder.uidnext,
    b"UIDVALIDITY": lambda folder: folder.uidvalidity,
    b"UNSEEN": lambda folder: folder.unseen,
    b"HIGHESTMODSEQ": lambda folder: folder.highestmodseq,
    b"DELETED": lambda folder: folder.deleted,
    b"SIZE": lambda folder: folder.size,
    b"MAILBOXID": lambda folder: mailbox_id(folder.id),
}


def parse_items(cursor: Cursor) -> tuple[bytes, ...]:
    items = cursor.items(lambda inner: inner.word("a status item"))
    if not items or any(item not in ITEMS for item in items):
        raise ParseError("Unknown status item")
    return tuple(dict.fromkeys(items))


@dataclass(frozen=True, slots=True)
class StatusCommand:
    name: str
    items: tuple[bytes, ...]

    @classmethod
    def parse(cls, cursor: Cursor) -> StatusCommand:
        cursor.space()
        name = cursor.mailbox()
        cursor.space()
        items = parse_items(cursor)
        cursor.end()
        return cls(name, items)


@command("STATUS", states=AUTHENTICATED, parse=StatusCommand.parse)
async def status(session: Session, cmd: StatusCommand) -> Reply:
    """Figures of a folder that need not be open. Raises FolderMissing, Forbidden (no right "r")."""
    mailbox = await session.read(lambda conn: _look(conn, session, cmd.name))
    if b"HIGHESTMODSEQ" in cmd.items:
        session.enable(Extension.CONDSTORE)
    session.say(status_line(session, cmd.name, mailbox.folder, cmd.items))
    return ok("Status told")


def _look(conn: Connection, session: Session, name: str) -> Mailbox:
    mailbox = mailboxes.find(conn, session.actor, name)
    mailboxes.must_have(mailbox, "r")
    (folder,) = as_seen_by(conn, [mailbox.folder], session.actor)
    return Mailbox(folder, mailbox.rights)


def status_line(session: Session, name: str, folder: Folder, items: Sequence[bytes]) -> bytes:
    told = [(item, ITEMS[item](folder)) for item in items]
    figures = b" ".join(b"%b %b" % (item, b"%d" % fact if isinstance(fact, int) else fact) for item, fact in told)
    return b"* STATUS %b (%b)\r\n" % (session.mailbox(name), figures)
