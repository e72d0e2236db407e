"""Who may do what in whose mailbox: asked at the moment it matters, never remembered by a door for long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory.grants import effective_rights
from mailserver.directory.rights import Right
from mailserver.store import raw
from mailserver.store.errors import FolderMissing, Forbidden
from mailserver.store.folders import Folder

# RFC 4314 §2.1 letters that each granted right carries.
ALL = frozenset("lrswipkxtea")
RIGHTS: dict[str, frozenset[str]] = {
    Right.READ: frozenset("lrs"),
    Right.HANDLE: frozenset("lrswipkte"),
    Right.SEND_ON_BEHALF: frozenset("p"),
    Right.MANAGE: ALL,
}
NO_RIGHTS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MailboxAccess:
    """A mailbox that an actor may open. kind: of the owner, see `directory.records.Kind`.

    address: "" if the owner has none. send: {"on_behalf"} if the actor may send in its name.
    """

    owner_id: int
    kind: str
    name: str
    address: str
    rights: frozenset[str]
    send: frozenset[str]


def mailboxes_for(conn: Connection, actor: Actor, now: datetime | None = None) -> list[MailboxAccess]:
    """The actor's own mailbox first, then the others by name; nothing for the system itself."""
    own_id = actor.principal_id
    if own_id is None:
        return []
    granted = effective_rights(conn, own_id, now or datetime.now(UTC))
    found = []
    for owner_id, kind, name, address in _owners(conn, {own_id, *granted}):
        rights, send = (ALL, NO_RIGHTS) if owner_id == own_id else _letters(granted[owner_id])
        if "l" in rights:
            found.append(MailboxAccess(owner_id, kind, name, address, rights, send))
    found.sort(key=lambda one: (one.owner_id != own_id, one.name, one.owner_id))
    return found


def rights_on(conn: Connection, actor: Actor, owner_id: int, now: datetime | None = None) -> frozenset[str]:
    """The actor's RFC 4314 letters in a mailbox; all for its owner and for the system."""
    if actor.is_system or actor.principal_id == owner_id:
        return ALL
    assert actor.principal_id is not None
    granted = effective_rights(conn, actor.principal_id, now or datetime.now(UTC))
    return _letters(granted.get(owner_id, ()))[0]


def require(conn: Connection, actor: Actor, folder: Folder, right: str) -> None:
    """Let pass who has the right (an RFC 4314 letter).

    Raises Forbidden; FolderMissing for somebody who may not even know of the mailbox.
    """
    rights = rights_on(conn, actor, folder.owner_id)
    if right in rights:
        return
    if "l" not in rights:
        raise FolderMissing(folder.name)
    raise Forbidden(right)


def _letters(granted: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    letters = NO_RIGHTS.union(*(RIGHTS[right] for right in granted))
    send = frozenset(("on_behalf",)) if Right.SEND_ON_BEHALF in granted else NO_RIGHTS
    return letters, send


def _owners(conn: Connection, ids: Collection[int]) -> list[tuple[int, str, str, str]]:
    condition, numbers = raw.among(conn, "p.id", ids)
    found: list[tuple[int, str, str, str]] = raw.rows(
        conn,
        "SELECT p.id, p.kind, p.name, coalesce(min(a.address), '') FROM principal p"
        " LEFT JOIN address a ON a.principal_id = p.id AND a.is_primary"
        f" WHERE {condition} GROUP BY p.id, p.kind, p.name",
        (numbers,),
    )
    return found
