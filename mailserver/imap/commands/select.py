"""SELECT, EXAMINE, CHECK, CLOSE (RFC 3501 §6.3.1, §6.4.1), UNSELECT (RFC 3691), with CONDSTORE and
QRESYNC (RFC 7162 §3.1.8, §3.2.5)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.imap import mailboxes, object_ids, responses
from mailserver.imap.commands.listing import list_line
from mailserver.imap.commands.registry import AUTHENTICATED, SELECTED, command, no_arguments
from mailserver.imap.commands.resync import Resync, resync
from mailserver.imap.hub import OpenFolder
from mailserver.imap.mailboxes import Mailbox
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, Status, bad, ok, untagged
from mailserver.imap.session import Extension, Selected, Session, State
from mailserver.imap.view import NO_RECENT, View
from mailserver.store import entries, folders
from mailserver.store.database import Tx
from mailserver.store.entries import Changes
from mailserver.store.flags import NAMES, Flag
from mailserver.store.letters import Letters, allowed_flags
from mailserver.store.personal import Reader, reader_of

# Any of these lets a session change something (RFC 4314 §5.2).
WRITING = frozenset("swtei")
# Flags to whether they say \\Seen, so that the first unseen of 100,000 is found at once.
_SEEN = bytes(bits & Flag.SEEN for bits in range(256))


@dataclass(frozen=True, slots=True)
class SelectCommand:
    """sent: the name as the client spelt it. condstore, resync: the parameters of these names; None for
    no QRESYNC."""

    name: str
    sent: str
    examine: bool
    condstore: bool = False
    resync: Resync | None = None

    @classmethod
    def parse(cls, cursor: Cursor, examine: bool = False) -> SelectCommand:
        cursor.space()
        name, sent = cursor.mailbox_as_sent()
        parameters: list[tuple[bytes, Resync | None]] = []
        if not cursor.at_end():
            cursor.space()
            parameters = cursor.items(_parse_parameter)
        cursor.end()
        resync = next((given for _, given in parameters if given is not None), None)
        return cls(name, sent, examine, bool(parameters), resync)


def _parse_parameter(cursor: Cursor) -> tuple[bytes, Resync | None]:
    word = cursor.word("a parameter")
    if word == b"CONDSTORE":
        return word, None
    if word != b"QRESYNC":
        raise ParseError("Unknown parameter")
    cursor.space()
    return word, Resync.parse(cursor)


def parse_examine(cursor: Cursor) -> SelectCommand:
    return SelectCommand.parse(cursor, examine=True)


@command("SELECT", states=AUTHENTICATED, parse=SelectCommand.parse)
async def select(session: Session, cmd: SelectCommand) -> Reply:
    """Open a folder for reading and writing (RFC 3501 §6.3.1). See `_open`."""
    return await _open(session, cmd)


@command("EXAMINE", states=AUTHENTICATED, parse=parse_examine)
async def examine(session: Session, cmd: SelectCommand) -> Reply:
    """Open a folder for reading (RFC 3501 §6.3.2). See `_open`."""
    return await _open(session, cmd)


async def _open(session: Session, cmd: SelectCommand) -> Reply:
    """Leave the folder that is open, then open this one.

    Raises FolderMissing, Forbidden (no right "r"); no folder is selected then (RFC 3501 §6.3.1).
    """
    if cmd.resync is not None and not session.enabled.qresync:
        return bad("QRESYNC has not been enabled", b"CLIENTBUG")  # RFC 7162 §3.2.5
    if session.state is State.SELECTED:
        session.unselect()
        # What follows is about the other folder (RFC 7162 §3.2.11, RFC 9051 §7.1).
        session.say(untagged(Status.OK, "Previous folder closed", b"CLOSED"))
    if cmd.condstore:
        session.enable(Extension.CONDSTORE)
    mailbox, reader, news = await session.read(lambda conn: _look(conn, session, cmd.name))
    read_only = cmd.examine or not mailbox.rights & WRITING
    await mailboxes.note_opening(session, mailbox.folder)
    folder = await session.services.hub.attach(mailbox.folder.id, reader, session.on_change, news)
    try:
        recent_from = await _recent_from(session, mailbox, folder, read_only)
    except BaseException:
        session.services.hub.detach(folder, session.on_change)
        raise
    view = View(folder.state, recent_from)
    session.select(Selected(mailbox.folder, cmd.name, mailbox.rights, read_only, folder, view))
    _describe(session, cmd.sent)
    if cmd.resync is not None:
        await resync(session, cmd.resync)
    return ok("Folder opened", b"READ-ONLY" if read_only else b"READ-WRITE")


def _look(conn: Connection, session: Session, name: str) -> tuple[Mailbox, Reader | None, Changes | None]:
    """The folder, for whom it is read, and its news, of one moment."""
    mailbox = mailboxes.find(conn, session.actor, name)
    mailboxes.must_have(mailbox, "r")
    reader = reader_of(mailbox.folder, session.actor)
    return mailbox, reader, session.services.hub.peek(conn, mailbox.folder.id, reader)


async def _recent_from(session: Session, mailbox: Mailbox, folder: OpenFolder, read_only: bool) -> int:
    """The first uid that is \\Recent here; taken from later sessions unless read-only."""
    if session.enabled.rev2:
        return NO_RECENT
    recent_from = max(mailbox.folder.recent_from, folder.recent_told)
    uids = folder.state.rows.uids
    if read_only or not uids or uids[-1] < recent_from:
        return recent_from
    claimed = await session.write(lambda tx: folders.claim_recent_tx(tx, mailbox.folder.id))
    return max(claimed, folder.recent_told)


def _describe(session: Session, sent: str) -> None:
    """The untagged responses to SELECT, in the order of RFC 3501 §6.3.1; those of RFC 9051 §6.3.2 name the
    folder, and leave out \\Recent and the first unseen."""
    selected, view = session.selected, session.view
    rows = view.rows
    keywords = sorted({word for words in set(rows.keywords) for word in words.split()})
    known = [name.encode() for name in NAMES] + [keyword.encode() for keyword in keywords]
    permanent = [] if selected.read_only else _changeable(selected.rights, keywords)
    uidnext = max(selected.folder.uidnext, rows.uids[-1] + 1 if rows.uids else 1)
    session.say(
        b"* FLAGS %b\r\n" % responses.parenthesised(known),
        untagged(Status.OK, "Flags permitted", b"PERMANENTFLAGS " + responses.parenthesised(permanent)),
        b"* %d EXISTS\r\n" % view.count,
    )
    unseen = rows.flags.translate(_SEEN).find(0)
    if session.enabled.rev2:
        session.say(list_line(session, b"LIST", (), selected.name, old_name=sent))
    else:
        session.say(b"* %d RECENT\r\n" % view.recent())
    if unseen >= 0 and not session.enabled.rev2:
        session.say(untagged(Status.OK, "First unseen", b"UNSEEN %d" % (unseen + 1)))
    session.say(
        untagged(Status.OK, "UIDs valid", b"UIDVALIDITY %d" % selected.folder.uidvalidity),
        untagged(Status.OK, "Predicted next UID", b"UIDNEXT %d" % uidnext),
        untagged(Status.OK, "Never changes", b"MAILBOXID " + object_ids.mailbox_id(selected.folder.id)),
        untagged(Status.OK, "Highest", b"HIGHESTMODSEQ %d" % selected.open.state.modseq),
    )


def _changeable(rights: Letters, keywords: list[str]) -> list[bytes]:
    """PERMANENTFLAGS: what this person may change (RFC 4314 §5.1.1)."""
    allowed = allowed_flags(rights)
    found = [name.encode() for name, bit in NAMES.items() if bit & allowed.bits]
    return [*found, *(keyword.encode() for keyword in keywords), b"\\*"] if allowed.keywords else found


@command("CHECK", states=SELECTED, parse=no_arguments)
async def check(session: Session, _arguments: None) -> Reply:
    """As NOOP: what is acknowledged is on disk already (RFC 3501 §6.4.1)."""
    await session.refresh()
    return ok("Checked")


@command("CLOSE", states=SELECTED, parse=no_arguments)
async def close(session: Session, _arguments: None) -> Reply:
    """Remove what is \\Deleted without telling, if that may be done, and leave (RFC 3501 §6.4.2).

    With CONDSTORE, the answer tells the modseq to go on from (RFC 7162 §3.2.8) if the client has heard
    of everything before it.
    """
    selected, code = session.selected, b""
    if not selected.read_only and "e" in selected.rights:
        if session.condstore:
            await session.refresh()
            session.tell(expunges=True)
        told = selected.open.state.modseq
        removed_at = await session.write(lambda tx: _expunge_tx(tx, session))
        if session.condstore and removed_at == told + 1:
            code = b"HIGHESTMODSEQ %d" % removed_at
    session.unselect()
    return ok("Folder closed", code)


def _expunge_tx(tx: Tx, session: Session) -> int:
    """The modseq of the removal, 0 if there was nothing to remove."""
    mailboxes.demand(tx.conn, session, "e")
    folder_id = session.selected.folder.id
    return folders.by_id(tx.conn, folder_id).highestmodseq if entries.expunge_tx(tx, folder_id, None) else 0


@command("UNSELECT", states=SELECTED, parse=no_arguments)
async def unselect(session: Session, _arguments: None) -> Reply:
    """Leave without removing anything (RFC 3691)."""
    session.unselect()
    return ok("Folder left")
