"""GETMETADATA and SETMETADATA (RFC 5464): notes of clients on folders, and on the server (the name "").

With ACL (RFC 5464 §3.3) reading needs "l" and "r", changing what is shared also "w". What is shared on the server is
the agency's; its IT administrators write it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.directory import grants, principals
from mailserver.directory.capabilities import IT_ADMIN, roles_of, today
from mailserver.imap import mailboxes, responses
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.errors import NOT_ALLOWED, Refusal
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, no, ok
from mailserver.imap.session import Session
from mailserver.store import notes
from mailserver.store.database import Tx
from mailserver.store.notes import EVERYBODY, MAX_NAME, MAX_VALUE, SERVER, Scope

PRIVATE, SHARED = "/private/", "/shared/"
INFINITY = -1
MAX_NAMES = 200  # in one command
# RFC 5464 §3.2: printable ASCII without the wildcards, no level empty.
_NAME = re.compile(r"(/[^\x00-\x20\x7f-\xff/*%]+)+")


def _name(cursor: Cursor) -> str:
    """The name of an entry that may hold a value."""
    name = _path(cursor)
    if name in (PRIVATE[:-1], SHARED[:-1]):
        raise ParseError("Invalid entry name")
    return name


def _path(cursor: Cursor) -> str:
    """The name of an entry, or of everything private or shared, which clients ask for with a depth."""
    raw = cursor.astring("an entry name")
    name = raw.decode("latin-1").lower()
    if len(raw) > MAX_NAME or not _NAME.fullmatch(name) or not f"{name}/".startswith((PRIVATE, SHARED)):
        raise ParseError("Invalid entry name")
    return name


@dataclass(frozen=True, slots=True)
class GetCommand:
    """max_size: octets, None for any. depth: levels below each name to tell too, INFINITY for all."""

    mailbox: str
    names: tuple[str, ...]
    max_size: int | None = None
    depth: int = 0

    @classmethod
    def parse(cls, cursor: Cursor) -> GetCommand:
        """Options come before the mailbox (the grammar) or after it (the examples of RFC 5464 §4.2.1)."""
        cursor.space()
        options: dict[bytes, int] = {}
        if cursor.peek() == b"(":
            options = _options(cursor)
            cursor.space()
        mailbox = cursor.mailbox()
        cursor.space()
        if re.match(rb"\((MAXSIZE|DEPTH) ", cursor.data[cursor.at :], re.I):
            options |= _options(cursor)
            cursor.space()
        names = cursor.items(_path) if cursor.peek() == b"(" else [_path(cursor)]
        cursor.end()
        if not names or len(names) > MAX_NAMES:
            raise ParseError("Expected between one and 200 entries")
        return cls(mailbox, tuple(dict.fromkeys(names)), options.get(b"MAXSIZE"), options.get(b"DEPTH", 0))


def _options(cursor: Cursor) -> dict[bytes, int]:
    def one(inner: Cursor) -> tuple[bytes, int]:
        name = inner.word("an option")
        inner.space()
        if name == b"MAXSIZE":
            return name, inner.number(what="a size")
        if name == b"DEPTH":
            depth = inner.word("a depth")
            if depth in (b"0", b"1", b"INFINITY"):
                return name, INFINITY if depth == b"INFINITY" else int(depth)
        raise ParseError("Unknown option")

    return dict(cursor.items(one))


@dataclass(frozen=True, slots=True)
class SetCommand:
    """values: None removes an entry."""

    mailbox: str
    values: Mapping[str, bytes | None]

    @classmethod
    def parse(cls, cursor: Cursor) -> SetCommand:
        cursor.space()
        mailbox = cursor.mailbox()
        cursor.space()

        def one(inner: Cursor) -> tuple[str, bytes | None]:
            name = _name(inner)
            inner.space()
            return name, inner.nstring("a value")

        values = dict(cursor.items(one))
        cursor.end()
        if not values or len(values) > MAX_NAMES:
            raise ParseError("Expected between one and 200 entries")
        return cls(mailbox, values)


@command("GETMETADATA", states=AUTHENTICATED, parse=GetCommand.parse)
async def get_metadata(session: Session, cmd: GetCommand) -> Reply:
    """Tell values; what is asked for by name and not there is NIL. Raises FolderMissing, Forbidden."""

    def work(conn: Connection) -> dict[str, bytes]:
        _owner, scopes = _scopes(conn, session, cmd.mailbox)
        kinds = [kind for kind in scopes if any(f"{name}/".startswith(kind) for name in cmd.names)]
        return {name: value for kind in kinds for name, value in notes.read(conn, scopes[kind]).items()}

    held = await session.read(work)
    found: dict[str, bytes | None] = {name: held.get(name) for name in cmd.names}
    if cmd.depth:
        found |= {name: value for name, value in held.items() if any(_below(name, top, cmd.depth) for top in cmd.names)}
    most = cmd.max_size if cmd.max_size is not None else MAX_VALUE
    long = [len(value) for value in found.values() if value is not None and len(value) > most]
    told = {name: value for name, value in found.items() if value is None or len(value) <= most}
    if told:
        session.say(b"* METADATA %b (" % session.mailbox(cmd.mailbox))
        for number, (name, value) in enumerate(told.items()):
            await session.say_much(b"%b%b %b" % (b" " * bool(number), responses.astring(name.encode()), _value(value)))
        session.say(b")\r\n")
    return ok("Notes told", b"METADATA LONGENTRIES %d" % max(long) if long else b"")


def _below(name: str, top: str, depth: int) -> bool:
    rest = name.removeprefix(top + "/")
    return rest != name and (depth == INFINITY or rest.count("/") < depth)


def _value(value: bytes | None) -> bytes:
    if value is None:
        return b"NIL"
    return b"~" * (b"\0" in value) + responses.string(value)  # RFC 3516: literal8 where there is a NUL


@command("SETMETADATA", states=AUTHENTICATED, parse=SetCommand.parse)
async def set_metadata(session: Session, cmd: SetCommand) -> Reply:
    """Keep or remove values, all or none. Raises FolderMissing, Forbidden, TooManyAnnotations."""
    if any(value is not None and len(value) > MAX_VALUE for value in cmd.values.values()):
        return no("The value is too large", b"METADATA MAXSIZE %d" % MAX_VALUE)

    def work(tx: Tx) -> None:
        owner_id, scopes = _scopes(tx.conn, session, cmd.mailbox)
        for kind, scope in scopes.items():
            values = {name: value for name, value in cmd.values.items() if name.startswith(kind)}
            if values and kind == SHARED:
                _must_write_shared(tx.conn, session, cmd.mailbox)
            if values:
                notes.write_tx(tx, scope, values, owner_id if cmd.mailbox or kind == PRIVATE else None)

    await session.write(work)
    return ok("Notes kept")


def _scopes(conn: Connection, session: Session, name: str) -> tuple[int, dict[str, Scope]]:
    """The folder's owner (of the server: oneself), and where private and shared entries of it are kept; for who may
    read them."""
    own = session.principal_id
    if not name:
        assert session.actor.agency_id is not None
        office = principals.agency_mailbox(conn, session.actor.agency_id)
        return own, {PRIVATE: Scope(SERVER, own), SHARED: Scope(SERVER, grants.everybody(office.id))}
    mailbox = mailboxes.find(conn, session.actor, name)
    for right in "lr":
        mailboxes.must_have(mailbox, right)
    scopes = {PRIVATE: Scope(mailbox.folder.id, own), SHARED: Scope(mailbox.folder.id, EVERYBODY)}
    return mailbox.folder.owner_id, scopes


def _must_write_shared(conn: Connection, session: Session, name: str) -> None:
    if name:
        mailboxes.must_have(mailboxes.find(conn, session.actor, name), "w")
    elif IT_ADMIN not in {role for role, _unit in roles_of(conn, session.principal_id, today())}:
        raise Refusal(NOT_ALLOWED)
