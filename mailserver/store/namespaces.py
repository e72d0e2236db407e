"""How a person sees mailboxes by name, in IMAP and on the web alike (RFC 2342).

Own folders have no prefix. A colleague's mailbox is `Other Users/<local part>/…`, that of a unit, post,
agency or group `Shared/<name>/…`. Where two would have the same name, each also shows its address.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store.access import ALL, NO_RIGHTS, MailboxAccess, mailboxes_for
from mailserver.store.errors import FolderMissing
from mailserver.store.folder_names import OTHER_USERS, SEPARATOR, SHARED, spelled
from mailserver.store.folders import Folder, get, list_of
from mailserver.text import nfc

_PERSON = "person"


class Place(NamedTuple):
    """Where a name leads: a mailbox, the folder's name in it, and the actor's rights there."""

    owner_id: int
    name: str
    rights: frozenset[str]


class Resolved(NamedTuple):
    folder: Folder
    rights: frozenset[str]


class Visible(NamedTuple):
    """A name to list. folder: None for a node that only holds others (\\NoSelect)."""

    name: str
    folder: Folder | None
    rights: frozenset[str]


def place(conn: Connection, actor: Actor, name: str) -> Place:
    """Where a name leads, whether the folder is there or not (for CREATE, RENAME).

    name: Unicode, as the client says it. Raises FolderMissing if it leads to no mailbox of the actor's.
    """
    name = nfc(name)
    first = name.partition(SEPARATOR)[0]
    if first not in (OTHER_USERS, SHARED):
        if actor.principal_id is None:
            raise FolderMissing(name)
        return Place(actor.principal_id, spelled(name), ALL)
    for node, mailbox in nodes(conn, actor):
        if name.startswith(node + SEPARATOR) and len(name) > len(node) + 1:
            return Place(mailbox.owner_id, spelled(name[len(node) + 1 :]), mailbox.rights)
    raise FolderMissing(name)


def resolve(conn: Connection, actor: Actor, name: str) -> Resolved:
    """The folder that an actor calls by this name, and the rights on it. Raises FolderMissing."""
    found = place(conn, actor, name)
    return Resolved(get(conn, found.owner_id, found.name), found.rights)


def visible(conn: Connection, actor: Actor) -> list[Visible]:
    """Every name the actor may list: the own folders, then the nodes and folders of other mailboxes."""
    if actor.principal_id is None:
        return []
    found = [Visible(folder.name, folder, ALL) for folder in list_of(conn, actor.principal_id)]
    spaces: list[str] = []
    for node, mailbox in nodes(conn, actor):
        space = node.partition(SEPARATOR)[0]
        if space not in spaces:
            spaces.append(space)
            found.append(Visible(space, None, NO_RIGHTS))
        found.append(Visible(node, None, mailbox.rights))
        folders = list_of(conn, mailbox.owner_id)
        found.extend(Visible(node + SEPARATOR + one.name, one, mailbox.rights) for one in folders)
    return found


def nodes(conn: Connection, actor: Actor) -> list[tuple[str, MailboxAccess]]:
    """The mailboxes of others that the actor may list, each with the name it stands under, by name."""
    others = [box for box in mailboxes_for(conn, actor) if box.owner_id != actor.principal_id]
    names = [_node(box) for box in others]
    times = Counter(names)
    found = [
        (name if times[name] == 1 else f"{name} ({box.address or box.owner_id})", box)
        for name, box in zip(names, others, strict=True)
    ]
    return sorted(found, key=lambda pair: pair[0])


def name_for(conn: Connection, actor: Actor, folder: Folder) -> str:
    """What the actor calls a folder. Raises FolderMissing if its mailbox is not the actor's to list."""
    if folder.owner_id == actor.principal_id:
        return folder.name
    for node, mailbox in nodes(conn, actor):
        if mailbox.owner_id == folder.owner_id:
            return node + SEPARATOR + folder.name
    raise FolderMissing(folder.name)


def _node(mailbox: MailboxAccess) -> str:
    if mailbox.kind == _PERSON:
        local = mailbox.address.rpartition("@")[0] or mailbox.name
        return OTHER_USERS + SEPARATOR + _one_level(local)
    return SHARED + SEPARATOR + _one_level(mailbox.name)


def _one_level(name: str) -> str:
    """A principal's name as one level: a slash in it would make two ("Phòng TC/KH")."""
    return nfc(name).replace(SEPARATOR, "∕")
