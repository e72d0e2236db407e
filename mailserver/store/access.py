"""Who may do what in whose folders: asked at the moment it matters, never remembered by a door for long.

`rights_on` is the one answer, for IMAP and the web alike. It is the union of what a person has on the whole
mailbox (`mailserver.directory.grants`) and what the folder's own list gives (`acl`); nothing takes rights
away, so a person can always be told where a right comes from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory.grants import Reach, reach_of
from mailserver.directory.rights import Right
from mailserver.store import acl, raw
from mailserver.store.errors import FolderMissing, Forbidden
from mailserver.store.folders import Folder
from mailserver.store.letters import ALL, NONE, Letters

# RFC 4314 §2.1 letters that each granted right carries. To share is for the owner, and for who leads by
# office (`grants.require_granter`): a granted "manage" does not carry "a".
RIGHTS: dict[str, Letters] = {
    Right.READ: frozenset("lrs"),
    Right.HANDLE: frozenset("lrswipkte"),
    Right.SEND_ON_BEHALF: frozenset("p"),
    Right.POST: frozenset("lip"),
    Right.MANAGE: ALL - {"a"},
}


@dataclass(frozen=True, slots=True)
class MailboxAccess:
    """A mailbox in which an actor may open something. kind: of the owner, see `directory.records.Kind`.

    address: "" if the owner has none. rights: on all of its folders. send: {"on_behalf"} if the actor may send
    in its name. shared: what single folders give besides, by folder id.
    """

    owner_id: int
    kind: str
    name: str
    address: str
    rights: Letters
    send: frozenset[str]
    shared: Mapping[int, Letters] = field(default_factory=dict)

    def on(self, folder: Folder) -> Letters:
        """The rights on a folder of this mailbox."""
        return self.rights | self.shared.get(folder.id, NONE)

    @property
    def whole(self) -> bool:
        """Whether all folders may be listed, not just those that are shared one by one."""
        return "l" in self.rights

    @property
    def listed(self) -> bool:
        return self.whole or any("l" in letters for letters in self.shared.values())


def mailboxes_for(conn: Connection, actor: Actor, now: datetime | None = None) -> list[MailboxAccess]:
    """The actor's own mailbox first, then the others by name; nothing for the system itself."""
    return [box for box in reachable(conn, actor, now) if box.listed]


def reachable(conn: Connection, actor: Actor, now: datetime | None = None) -> list[MailboxAccess]:
    """As `mailboxes_for`, with those too of which nothing may be listed: a folder may be there to put mail into
    or to read for who knows its name (RFC 4314 §4)."""
    own_id = actor.principal_id
    if own_id is None:
        return []
    reach = reach_of(conn, own_id, now or datetime.now(UTC))
    shared = acl.shared_with(conn, reach.faces)
    shared.pop(own_id, None)
    found = []
    for owner_id, kind, name, address in _owners(conn, {own_id, *reach.rights, *shared}):
        single = shared.get(owner_id, {})
        rights, send = (ALL, NONE) if owner_id == own_id else _letters(reach, owner_id)
        if any(letters - {"p"} for letters in (rights, *single.values())):
            found.append(MailboxAccess(owner_id, kind, name, address, rights, send, single))
    found.sort(key=lambda one: (one.owner_id != own_id, one.name, one.owner_id))
    return found


def rights_on(conn: Connection, actor: Actor, folder: Folder, now: datetime | None = None) -> Letters:
    """The actor's RFC 4314 letters on a folder; all for its owner and for the system."""
    if actor.is_system or actor.principal_id == folder.owner_id:
        return ALL
    assert actor.principal_id is not None
    reach = reach_of(conn, actor.principal_id, now or datetime.now(UTC))
    return _letters(reach, folder.owner_id)[0] | acl.given_to(conn, folder.id, reach.faces)


def mailbox_rights(conn: Connection, actor: Actor, owner_id: int, now: datetime | None = None) -> Letters:
    """The actor's letters on a whole mailbox, as `rights_on`."""
    if actor.is_system or actor.principal_id == owner_id:
        return ALL
    assert actor.principal_id is not None
    return _letters(reach_of(conn, actor.principal_id, now or datetime.now(UTC)), owner_id)[0]


def require(conn: Connection, actor: Actor, folder: Folder, right: str) -> None:
    """Let pass who has the right (an RFC 4314 letter). Raises as `check`."""
    check(rights_on(conn, actor, folder), right, folder.name)


def check(rights: Letters, right: str, name: str) -> None:
    """Raises Forbidden; FolderMissing for somebody who may not even know of the folder (RFC 4314 §6)."""
    if right in rights:
        return
    if "l" not in rights:
        raise FolderMissing(name)
    raise Forbidden(right)


def _letters(reach: Reach, owner_id: int) -> tuple[Letters, frozenset[str]]:
    granted = reach.rights.get(owner_id, frozenset())
    letters = NONE.union(*(RIGHTS[right] for right in granted))
    if owner_id in reach.led:
        letters |= {"a"}
    return letters, frozenset(("on_behalf",)) if Right.SEND_ON_BEHALF in granted else NONE


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
