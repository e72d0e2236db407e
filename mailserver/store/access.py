"""Who may do what in whose folders: asked at the moment it matters, never remembered by a door for long.

`rights_on` is the one answer, for IMAP and the web alike. It is the union of what a person has on the whole
mailbox (`mailserver.directory.grants`) and what the folder's own list gives (`acl`); nothing takes rights
away, so a person can always be told where a right comes from. A grant that leaves folders out (`grants.Part`) gives
what it gives on each of the others, as their own lists would: nothing on the mailbox as a whole, so that whatever is
done to all of it (to export it, to empty it, to add folders) is not for its holder.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory.grants import Part, Reach, reach_of
from mailserver.directory.rights import Right, Rights
from mailserver.store import acl, raw
from mailserver.store.errors import FolderMissing, Forbidden
from mailserver.store.folder_names import INBOX, SEPARATOR
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

    address: "" if the owner has none. rights: on all of its folders; work: on those in which a unit works, see
    `work_rights`. send: {"on_behalf"} if the actor may send in its name. shared: what holds besides on single folders,
    by folder id.
    """

    owner_id: int
    kind: str
    name: str
    address: str
    rights: Letters
    work: Letters
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
    for part in reach.parts:
        single, letters = shared.setdefault(part.owner_id, {}), _spelled(part.rights)
        single.update({one: single.get(one, NONE) | letters for one in _open_folders(conn, part)})
    shared.pop(own_id, None)
    found = []
    for owner_id, kind, name, address in _owners(conn, {own_id, *reach.rights, *shared}):
        single = shared.get(owner_id, {})
        rights, send = (ALL, NONE) if owner_id == own_id else (_letters(reach, owner_id), _sends(reach, owner_id))
        if any(letters - {"p"} for letters in (rights, *single.values())):
            work = ALL if owner_id == own_id else _work(reach, owner_id)
            found.append(MailboxAccess(owner_id, kind, name, address, rights, work, send, single))
    found.sort(key=lambda one: (one.owner_id != own_id, one.name, one.owner_id))
    return found


def rights_on(conn: Connection, actor: Actor, folder: Folder, now: datetime | None = None) -> Letters:
    """The actor's RFC 4314 letters on a folder; all for its owner and for the system."""
    if actor.is_system or actor.principal_id == folder.owner_id:
        return ALL
    assert actor.principal_id is not None
    reach = reach_of(conn, actor.principal_id, now or datetime.now(UTC))
    return _granted_on(conn, reach, folder) | acl.given_to(conn, folder.id, reach.faces)


def granted_on(conn: Connection, actor: Actor, folder: Folder, now: datetime) -> Letters:
    """As `rights_on`, but for what the folder's own list gives: what grants and offices do."""
    if actor.is_system or actor.principal_id == folder.owner_id:
        return ALL
    assert actor.principal_id is not None
    return _granted_on(conn, reach_of(conn, actor.principal_id, now), folder)


def mailbox_rights(conn: Connection, actor: Actor, owner_id: int, now: datetime | None = None) -> Letters:
    """The actor's letters on a whole mailbox, all of its folders, as `rights_on`."""
    if actor.is_system or actor.principal_id == owner_id:
        return ALL
    assert actor.principal_id is not None
    return _letters(reach_of(conn, actor.principal_id, now or datetime.now(UTC)), owner_id)


def work_rights(conn: Connection, actor: Actor, owner_id: int, now: datetime | None = None) -> Letters:
    """The actor's letters on the inbox and the folders of work of a unit's mailbox, which no grant leaves out
    (see `may_be_closed`)."""
    if actor.is_system or actor.principal_id == owner_id:
        return ALL
    assert actor.principal_id is not None
    return _work(reach_of(conn, actor.principal_id, now or datetime.now(UTC)), owner_id)


def may_be_closed(folder: Folder) -> bool:
    """Whether a grant may leave a folder out: one that somebody made to keep mail in, not one that mail comes and goes
    by."""
    return folder.behaviour is None and folder.special_use is None and folder.name != INBOX


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


def _letters(reach: Reach, owner_id: int) -> Letters:
    letters = _spelled(reach.entire.get(owner_id, frozenset()))
    return letters | {"a"} if owner_id in reach.led else letters


def _work(reach: Reach, owner_id: int) -> Letters:
    return _letters(reach, owner_id) | _spelled(reach.rights.get(owner_id, frozenset()))


def _sends(reach: Reach, owner_id: int) -> frozenset[str]:
    return frozenset(("on_behalf",)) if Right.SEND_ON_BEHALF in reach.rights.get(owner_id, ()) else NONE


def _spelled(rights: Rights) -> Letters:
    return NONE.union(*(RIGHTS[right] for right in rights))


def _granted_on(conn: Connection, reach: Reach, folder: Folder) -> Letters:
    parts = [one for one in reach.parts if one.owner_id == folder.owner_id]
    open_ones = [_spelled(one.rights) for one in parts if not is_closed(conn, folder, one.closed)]
    return _letters(reach, folder.owner_id).union(*open_ones)


def is_closed(conn: Connection, folder: Folder, closed: Collection[int]) -> bool:
    """Whether a grant that leaves these folders out leaves this one out."""
    return bool(closed) and _covers(_names(conn, folder.owner_id, closed), folder.name)


def _open_folders(conn: Connection, part: Part) -> list[int]:
    closed = _names(conn, part.owner_id, part.closed)
    found = raw.rows(conn, "SELECT id, name FROM folder WHERE owner_id = ?", (part.owner_id,))
    return [folder_id for folder_id, name in found if not _covers(closed, name)]


def _names(conn: Connection, owner_id: int, folder_ids: Collection[int]) -> list[str]:
    condition, numbers = raw.among(conn, "id", folder_ids)
    query = f"SELECT name FROM folder WHERE owner_id = ? AND {condition}"
    return [name for (name,) in raw.rows(conn, query, (owner_id, numbers))]


def _covers(closed: Collection[str], name: str) -> bool:
    return any(name == one or name.startswith(one + SEPARATOR) for one in closed)


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
