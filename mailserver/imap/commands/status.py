"""STATUS (RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 7889 §3.2, RFC 8438, RFC 8474 §4.3, RFC 9208 §4.1.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.imap import mailboxes
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.object_ids import mailbox_id
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Extension, Session
from mailserver.store import folders
from mailserver.store.folders import Folder
from mailserver.store.personal import as_seen_by

Figures = Mapping[bytes, int]
NOTHING: Figures = {}
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


# Asked for when somebody wants to know.
MORE = frozenset((b"DELETED-STORAGE", b"APPENDLIMIT"))


def parse_items(cursor: Cursor) -> tuple[bytes, ...]:
    items = cursor.items(lambda inner: inner.word("a status item"))
    if not items or any(item not in ITEMS and item not in MORE for item in items):
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
    folder, more = await session.read(lambda conn: _look(conn, session, cmd))
    if b"HIGHESTMODSEQ" in cmd.items:
        session.enable(Extension.CONDSTORE)
    session.say(status_line(session, cmd.name, folder, cmd.items, more))
    return ok("Status told")


def _look(conn: Connection, session: Session, cmd: StatusCommand) -> tuple[Folder, Figures]:
    mailbox = mailboxes.find(conn, session.actor, cmd.name)
    mailboxes.must_have(mailbox, "r")
    (folder,) = as_seen_by(conn, [mailbox.folder], session.actor)
    return folder, more_figures(conn, session, [folder], cmd.items).get(folder.id, {})


def more_figures(
    conn: Connection, session: Session, found: Sequence[Folder], items: Sequence[bytes]
) -> dict[int, Figures]:
    """The figures of MORE among `items`, by folder id."""
    figures: dict[int, dict[bytes, int]] = {folder.id: {} for folder in found}
    if b"APPENDLIMIT" in items:
        for own in figures.values():
            own[b"APPENDLIMIT"] = session.services.settings.append_limit
    if b"DELETED-STORAGE" in items:
        octets = folders.deleted_octets(conn, [folder.id for folder in found if folder.deleted])
        for folder_id, own in figures.items():
            own[b"DELETED-STORAGE"] = octets.get(folder_id, 0)
    return dict(figures)


def status_line(session: Session, name: str, folder: Folder, items: Sequence[bytes], more: Figures = NOTHING) -> bytes:
    """more: what `more_figures` says of the folder, where MORE is asked for."""
    told = [(item, more[item] if item in MORE else ITEMS[item](folder)) for item in items]
    figures = b" ".join(b"%b %b" % (item, b"%d" % fact if isinstance(fact, int) else fact) for item, fact in told)
    return b"* STATUS %b (%b)\r\n" % (session.mailbox(name), figures)
