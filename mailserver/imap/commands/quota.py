"""GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208 §4). A mailbox is one quota root, named by its owner's address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.directory import principals
from mailserver.directory.capabilities import IT_ADMIN, roles_of, today
from mailserver.imap import mailboxes, responses
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.errors import NOT_ALLOWED, Refusal
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused
from mailserver.imap.parser.names import parse_name
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Session
from mailserver.store import access, quota
from mailserver.store.database import Tx
from mailserver.store.quota import Amount, Quota

MOST = 0x7FFF_FFFF_FFFF_FFFF  # RFC 9208 §5.1: number64
RESOURCES = (b"STORAGE", b"MESSAGE")


def _root(cursor: Cursor) -> str:
    raw = cursor.astring("a quota root")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NameRefused("No such quota root", b"NONEXISTENT") from None


def parse_root(cursor: Cursor) -> str:
    cursor.space()
    root = _root(cursor)
    cursor.end()
    return root


@dataclass(frozen=True, slots=True)
class SetCommand:
    """limits: by resource, in units of RFC 9208 (STORAGE: 1024 octets); resources left out have none."""

    root: str
    limits: dict[bytes, int]

    @classmethod
    def parse(cls, cursor: Cursor) -> SetCommand:
        cursor.space()
        root = _root(cursor)
        cursor.space()

        def one(inner: Cursor) -> tuple[bytes, int]:
            resource = inner.word("a resource")
            inner.space()
            return resource, inner.number(MOST, "a limit")

        limits = dict(cursor.items(one))
        cursor.end()
        if any(resource not in RESOURCES for resource in limits):
            raise NameRefused("No such resource")  # RFC 9208 §4.1.3
        return cls(root, limits)


@command("GETQUOTA", states=AUTHENTICATED, parse=parse_root)
async def get_quota(session: Session, root: str) -> Reply:
    """What a mailbox holds and may hold; for who may see something in it. Raises Refusal [NONEXISTENT]."""

    def work(conn: Connection) -> Quota:
        owner_id = _owner(conn, root)
        if owner_id not in {box.owner_id for box in access.mailboxes_for(conn, session.actor)}:
            _must_administer(conn, session, root)
        return _of(conn, owner_id)

    session.say(_line(root, await session.read(work)))
    return ok("Quota told")


@command("GETQUOTAROOT", states=AUTHENTICATED, parse=parse_name)
async def get_quota_root(session: Session, name: str) -> Reply:
    """The quota root of a folder with its figures (RFC 9208 §4.1.2: needs the right "r")."""

    def work(conn: Connection) -> tuple[str, Quota]:
        mailbox = mailboxes.find(conn, session.actor, name)
        mailboxes.must_have(mailbox, "r")
        owner_id = mailbox.folder.owner_id
        return principals.get(conn, owner_id).address, _of(conn, owner_id)

    root, found = await session.read(work)
    session.say(b"* QUOTAROOT %b %b\r\n" % (session.mailbox(name), responses.astring(root.encode())))
    session.say(_line(root, found))
    return ok("Quota told")


@command("SETQUOTA", states=AUTHENTICATED, parse=SetCommand.parse)
async def set_quota(session: Session, cmd: SetCommand) -> Reply:
    """Limit a mailbox of the agency; its IT administrators may (RFC 9208 §4.1.3). Raises Refusal [NOPERM]."""

    def work(tx: Tx) -> Quota:
        owner_id = _must_administer(tx.conn, session, cmd.root)
        octets, messages = (cmd.limits.get(resource, 0) for resource in RESOURCES)
        quota.limit_tx(tx, owner_id, octets=min(octets * quota.KIB, MOST), messages=min(messages, MOST))
        return _of(tx.conn, owner_id)

    session.say(_line(cmd.root, await session.write(work)))
    return ok("Quota set")


def _owner(conn: Connection, root: str) -> int:
    found = principals.by_address(conn, root) if "@" in root else None
    if found is None:
        raise NameRefused("No such quota root", b"NONEXISTENT")
    return found.id


def _must_administer(conn: Connection, session: Session, root: str) -> int:
    """The owner of a mailbox whose limits the person may change."""
    roles = {role for role, _unit in roles_of(conn, session.principal_id, today())}
    if IT_ADMIN not in roles:
        raise Refusal(NOT_ALLOWED)
    owner = principals.get(conn, _owner(conn, root))
    if owner.agency_id != session.actor.agency_id:
        raise NameRefused("No such quota root", b"NONEXISTENT")
    return owner.id


def _of(conn: Connection, owner_id: int) -> Quota:
    """With what is used, whether there is a limit or not."""
    found = quota.of(conn, owner_id)
    return found if found.limited else Quota(quota.used_by(conn, (owner_id,)).get(owner_id, Amount(0, 0)), found.limit)


def _line(root: str, found: Quota) -> bytes:
    """Resources without a limit are left out (RFC 9208 §3.1); b"" where there is none.

    Thunderbird takes an empty list for a syntax error and hangs up, in the middle of filing what was sent.
    """
    figures = []
    if found.limit.octets:
        figures.append(b"STORAGE %d %d" % (-(-found.used.octets // quota.KIB), found.limit.octets // quota.KIB))
    if found.limit.messages:
        figures.append(b"MESSAGE %d %d" % (found.used.messages, found.limit.messages))
    if not figures:
        return b""
    return b"* QUOTA %b (%b)\r\n" % (responses.astring(root.encode()), b" ".join(figures))
