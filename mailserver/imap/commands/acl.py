"""GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS (RFC 4314 §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailserver.imap import mailboxes, responses
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused
from mailserver.imap.parser.names import parse_name
from mailserver.imap.responses import Reply, ok
from mailserver.imap.rights import OBSOLETE, parse_rights, written
from mailserver.imap.session import Session
from mailserver.store import access, sharing
from mailserver.store.database import Tx
from mailserver.store.folders import Folder
from mailserver.store.letters import ALL, ORDER, Letters
from mailserver.text import nfc

MAX_IDENTIFIER = 320  # octets: an address (RFC 5321 §4.5.3.1)
# Any of these lets a person ask for the own rights (RFC 4314 §4).
_MAY_ASK = frozenset("lrikxa")


def _identifier(cursor: Cursor) -> str:
    """An address, the local part of one of the same agency, or "anyone". Raises NameRefused.

    Negative rights (RFC 4314 §2) are refused: what is given may only be taken back.
    """
    raw = cursor.astring("an identifier")
    if raw.startswith(b"-"):
        raise NameRefused("Negative rights are not supported")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NameRefused("That is nobody's name") from None
    if not text or len(raw) > MAX_IDENTIFIER:
        raise NameRefused("That is nobody's name")
    return nfc(text)


@dataclass(frozen=True, slots=True)
class SetCommand:
    """how: "" to set exactly these rights, "+" or "-" to add or take away."""

    name: str
    identifier: str
    rights: Letters
    how: str

    @classmethod
    def parse(cls, cursor: Cursor) -> SetCommand:
        cursor.space()
        name = cursor.mailbox()
        cursor.space()
        identifier = _identifier(cursor)
        cursor.space()
        text = cursor.astring("rights").decode("latin-1")
        cursor.end()
        how = text[:1] if text[:1] in ("+", "-") else ""
        return cls(name, identifier, parse_rights(text[len(how) :]), how)


@dataclass(frozen=True, slots=True)
class NamedCommand:
    name: str
    identifier: str

    @classmethod
    def parse(cls, cursor: Cursor) -> NamedCommand:
        cursor.space()
        name = cursor.mailbox()
        cursor.space()
        identifier = _identifier(cursor)
        cursor.end()
        return cls(name, identifier)


@command("SETACL", states=AUTHENTICATED, parse=SetCommand.parse)
async def set_acl(session: Session, cmd: SetCommand) -> Reply:
    """Share a folder (RFC 4314 §3.1). Sessions whose rights change lose the folder at once.

    Raises FolderMissing, Forbidden (no right "a"), GranteeMissing, RightsFixed, TooManyShares.
    """

    def work(tx: Tx) -> None:
        folder = _administered(tx.conn, session, cmd.name)
        sharing.share_tx(tx, folder, cmd.identifier, cmd.rights, cmd.how)

    await session.write(work)
    return ok("Rights set")


@command("DELETEACL", states=AUTHENTICATED, parse=NamedCommand.parse)
async def delete_acl(session: Session, cmd: NamedCommand) -> Reply:
    """Take an identifier out of a folder's list (RFC 4314 §3.2). Raises as `set_acl`."""

    def work(tx: Tx) -> None:
        sharing.unshare_tx(tx, _administered(tx.conn, session, cmd.name), cmd.identifier)

    await session.write(work)
    return ok("Rights taken back")


@command("GETACL", states=AUTHENTICATED, parse=parse_name)
async def get_acl(session: Session, name: str) -> Reply:
    """Who has which rights, by the folder's list and on the whole mailbox (RFC 4314 §3.3)."""

    def work(conn: Connection) -> list[sharing.Share]:
        return sharing.shares_of(conn, _administered(conn, session, name), datetime.now(UTC))

    shares = await session.read(work)
    pairs = [b" %b %b" % (responses.astring(who.encode()), written(rights)) for who, rights in shares]
    session.say(b"* ACL %b%b\r\n" % (session.mailbox(name), b"".join(pairs)))
    return ok("Rights told")


@command("LISTRIGHTS", states=AUTHENTICATED, parse=NamedCommand.parse)
async def list_rights(session: Session, cmd: NamedCommand) -> Reply:
    """What an identifier always has here, then what it can be given, letter by letter (RFC 4314 §3.4)."""

    def work(conn: Connection) -> Letters:
        folder = _administered(conn, session, cmd.name)
        to = sharing.grantee(conn, folder, cmd.identifier)
        return sharing.fixed_rights(conn, folder, to, datetime.now(UTC))

    fixed = await session.read(work)
    optional = [letter for letter in ORDER if letter in ALL - fixed]
    optional += [letter for letter, parts in OBSOLETE.items() if not parts & fixed]
    pieces = [session.mailbox(cmd.name), responses.astring(cmd.identifier.encode()), written(fixed) or b'""']
    session.say(b"* LISTRIGHTS %b\r\n" % b" ".join([*pieces, *(letter.encode() for letter in optional)]))
    return ok("Rights listed")


@command("MYRIGHTS", states=AUTHENTICATED, parse=parse_name)
async def my_rights(session: Session, name: str) -> Reply:
    """The person's own rights (RFC 4314 §3.5). Raises FolderMissing."""
    mailbox = await session.read(lambda conn: mailboxes.find(conn, session.actor, name))
    if not mailbox.rights & _MAY_ASK:
        mailboxes.must_have(mailbox, "l")
    session.say(my_rights_line(session, name, mailbox.rights))
    return ok("Rights told")


def my_rights_line(session: Session, name: str, rights: Letters) -> bytes:
    return b"* MYRIGHTS %b %b\r\n" % (session.mailbox(name), written(rights))


def _administered(conn: Connection, session: Session, name: str) -> Folder:
    """The folder, if the person may administer it ("a")."""
    mailbox = mailboxes.find(conn, session.actor, name)
    access.check(mailbox.rights, "a", name)
    return mailbox.folder
