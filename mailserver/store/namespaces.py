"""How a person sees mailboxes by name, in IMAP and on the web alike (RFC 2342).

Own folders have no prefix. A colleague's mailbox is `Other Users/<local part>/…`, that of a unit, post,
agency or group `Shared/<name>/…`. Where two would have the same name, each also shows its address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store.access import MailboxAccess, reachable
from mailserver.store.errors import FolderMissing
from mailserver.store.folder_names import OTHER_USERS, SEPARATOR, SHARED, parents, spelled
from mailserver.store.folders import Folder, find, list_of
from mailserver.store.letters import ALL, NONE, Letters
from mailserver.text import nfc

_PERSON = "person"


class Place(NamedTuple):
    """Where a name leads, whether there is a folder or not: a mailbox, and the name in it.

    folder: None if there is none. rights: on the folder; above: on the nearest level above it that is there,
    or on the mailbox: "k" in it allows to create (RFC 4314 §4).
    """

    owner_id: int
    name: str
    folder: Folder | None
    rights: Letters
    above: Letters


class Resolved(NamedTuple):
    folder: Folder
    rights: Letters


class Visible(NamedTuple):
    """A name to list. folder: None for a node that only holds others (\\NoSelect)."""

    name: str
    folder: Folder | None
    rights: Letters


def place(conn: Connection, actor: Actor, name: str) -> Place:
    """Where a name leads (for CREATE, DELETE, RENAME).

    name: Unicode, as the client says it. Raises FolderMissing if it leads to no mailbox of the actor's.
    """
    name = nfc(name)
    first = name.partition(SEPARATOR)[0]
    if first not in (OTHER_USERS, SHARED):
        if actor.principal_id is None:
            raise FolderMissing(name)
        own = spelled(name)
        return Place(actor.principal_id, own, find(conn, actor.principal_id, own), ALL, ALL)
    for node, mailbox in nodes(conn, actor):
        if name.startswith(node + SEPARATOR) and len(name) > len(node) + 1:
            return _place_in(conn, mailbox, spelled(name[len(node) + 1 :]))
    raise FolderMissing(name)


def _place_in(conn: Connection, mailbox: MailboxAccess, name: str) -> Place:
    folder = find(conn, mailbox.owner_id, name)
    above = mailbox.rights
    for parent in reversed(parents(name)):
        found = find(conn, mailbox.owner_id, parent)
        if found is not None:
            above = mailbox.on(found)
            break
    return Place(mailbox.owner_id, name, folder, mailbox.on(folder) if folder else NONE, above)


def resolve(conn: Connection, actor: Actor, name: str) -> Resolved:
    """The folder that an actor calls by this name, and the rights on it, which may be none.

    Raises FolderMissing.
    """
    found = place(conn, actor, name)
    if found.folder is None:
        raise FolderMissing(name)
    return Resolved(found.folder, found.rights)


def visible(conn: Connection, actor: Actor) -> list[Visible]:
    """Every name the actor may list: the own folders, then the nodes and folders of other mailboxes.

    Levels above a shared folder that are not shared themselves are nodes that only hold others.
    """
    if actor.principal_id is None:
        return []
    found = [Visible(folder.name, folder, ALL) for folder in list_of(conn, actor.principal_id)]
    spaces: list[str] = []
    for node, mailbox in nodes(conn, actor):
        if not mailbox.listed:
            continue
        space = node.partition(SEPARATOR)[0]
        if space not in spaces:
            spaces.append(space)
            found.append(Visible(space, None, NONE))
        found.append(Visible(node, None, mailbox.rights))
        folders = list_in(conn, mailbox)
        found.extend(Visible(node + SEPARATOR + name, None, NONE) for name in _missing_levels(folders))
        found.extend(Visible(node + SEPARATOR + one.name, one, mailbox.on(one)) for one in folders)
    return found


def list_in(conn: Connection, mailbox: MailboxAccess) -> list[Folder]:
    """The folders of a mailbox that may be listed ("l"), by name, INBOX first."""
    return [folder for folder in list_of(conn, mailbox.owner_id) if "l" in mailbox.on(folder)]


def _missing_levels(folders: Iterable[Folder]) -> list[str]:
    names = {folder.name for folder in folders}
    above = {level for name in names for level in parents(name)}
    return sorted(above - names)


def nodes(conn: Connection, actor: Actor) -> list[tuple[str, MailboxAccess]]:
    """The mailboxes of others that the actor may reach, each with the name it stands under, by name."""
    others = [box for box in reachable(conn, actor) if box.owner_id != actor.principal_id]
    names = [_node(box) for box in others]
    times = Counter(names)
    found = [
        (name if times[name] == 1 else f"{name} ({box.address or box.owner_id})", box)
        for name, box in zip(names, others, strict=True)
    ]
    return sorted(found, key=lambda pair: pair[0])


def name_for(conn: Connection, actor: Actor, folder: Folder) -> str:
    """What the actor calls a folder. Raises FolderMissing if it is not the actor's to list."""
    if folder.owner_id == actor.principal_id:
        return folder.name
    for node, mailbox in nodes(conn, actor):
        if mailbox.owner_id == folder.owner_id and "l" in mailbox.on(folder):
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
