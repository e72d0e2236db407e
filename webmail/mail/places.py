"""The mailboxes and folders a person sees: each mailbox a sibling, its folders in the order of an office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store import namespaces
from mailserver.store.access import MailboxAccess, mailboxes_for
from mailserver.store.folder_names import JUNK, TRASH
from mailserver.store.folders import Folder
from mailserver.store.letters import NONE, Letters
from mailserver.store.personal import as_seen_by
from webmail.i18n import _

ICONS = {
    "\\Drafts": "file-pen",
    "\\Sent": "send",
    JUNK: "shield-alert",
    TRASH: "trash-2",
    "\\Archive": "archive",
    "routing.pending": "list-todo",
    "routing.finished": "circle-check",
    "routing.copy": "eye",
    "routing.registered": "stamp",
    "teams.working": "hourglass",
    "teams.ended": "folder-check",
    "boards.board": "bell",
    "boards.removed": "archive",
}
# Where a folder stands in its mailbox: the inbox, then documents, own folders, and the usual end.
LAST = {"\\Drafts": 3, "\\Sent": 4, "\\Archive": 5, JUNK: 6, TRASH: 7}
DOCUMENTS = "Văn bản đến"
PENDING = "routing.pending"


@dataclass(frozen=True, slots=True)
class Node:
    """One folder of the tree. unseen: what its badge says; of a work folder, all that lies there."""

    id: int
    label: str
    icon: str
    depth: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    owner_id: int
    kind: str
    title: str
    address: str
    nodes: tuple[Node, ...]
    unseen: int
    open: bool
    rights: frozenset[str]


@dataclass(frozen=True, slots=True)
class Target:
    """A folder that mail may be moved to."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class Places:
    """Everything a person may open, read in one go."""

    access: tuple[MailboxAccess, ...]
    folders: dict[int, list[Folder]]

    @property
    def all_folders(self) -> list[Folder]:
        return [folder for access in self.access for folder in self.folders[access.owner_id]]

    def rights(self, folder: Folder) -> Letters:
        return next((one.on(folder) for one in self.access if one.owner_id == folder.owner_id), NONE)

    def special(self, owner_id: int, use: str) -> Folder | None:
        """The folder of that mailbox with a special use ("\\Trash"), or None."""
        return next((one for one in self.folders.get(owner_id, []) if one.special_use == use), None)


def read(conn: Connection, actor: Actor) -> Places:
    access = tuple(mailboxes_for(conn, actor))
    return Places(access, {one.owner_id: _folders_in(conn, one, actor) for one in access})


def _folders_in(conn: Connection, mailbox: MailboxAccess, actor: Actor) -> list[Folder]:
    return as_seen_by(conn, namespaces.list_in(conn, mailbox), actor)


def label(folder: Folder) -> str:
    """A folder's name for people: its last level, the standard ones in the reader's language."""
    names = {
        "\\Drafts": _("Thư nháp"),
        "\\Sent": _("Đã gửi"),
        JUNK: _("Thư rác"),
        TRASH: _("Thùng rác"),
        "\\Archive": _("Lưu trữ"),
    }
    if folder.name == "INBOX":
        return _("Hộp thư đến")
    return names.get(folder.special_use or "") or folder.name.rpartition("/")[2]


def icon(folder: Folder) -> str:
    if folder.name == "INBOX":
        return "inbox"
    if folder.name == DOCUMENTS:
        return "file-text"
    return ICONS.get(folder.behaviour or "") or ICONS.get(folder.special_use or "") or "folder"


def waiting(folder: Folder) -> int:
    """The badge's number: unread mail; in a work folder everything, for it leaves when it is done."""
    if folder.behaviour == PENDING:
        return folder.messages
    return 0 if folder.special_use in ("\\Drafts", "\\Sent", TRASH, JUNK) else folder.unseen


def ordered(found: Sequence[Folder]) -> list[Folder]:
    """The folders of one mailbox in reading order, children below their parents."""
    tops = {folder.name: folder for folder in found}

    def place(folder: Folder) -> tuple[int, str]:
        top = folder.name.partition("/")[0]
        if top == "INBOX":
            return 0, folder.name
        if top == DOCUMENTS:
            return 1, folder.name
        return LAST.get(tops[top].special_use or "", 2) if top in tops else 2, folder.name

    return sorted(found, key=place)


def title(access: MailboxAccess, own_id: int | None) -> str:
    return _("Của tôi") if access.owner_id == own_id else access.name


def mailboxes(places: Places, own_id: int | None, current: Folder | None) -> tuple[Mailbox, ...]:
    """The tree; open are the person's own mailbox and the one that holds `current`."""
    shown = current.owner_id if current else own_id
    return tuple(_mailbox(places, access, own_id, shown) for access in places.access)


def _mailbox(places: Places, access: MailboxAccess, own_id: int | None, shown: int | None) -> Mailbox:
    found = ordered(places.folders[access.owner_id])
    nodes = tuple(_node(folder) for folder in found)
    unseen = sum(waiting(folder) for folder in found if folder.name == "INBOX" or folder.behaviour == PENDING)
    is_open = access.owner_id in (own_id, shown)
    return Mailbox(
        access.owner_id, access.kind, title(access, own_id), access.address, nodes, unseen, is_open, access.work
    )


def _node(folder: Folder) -> Node:
    return Node(folder.id, label(folder), icon(folder), min(folder.name.count("/"), 2), waiting(folder))


def targets(places: Places, own_id: int | None, current: Folder) -> tuple[Target, ...]:
    """Where mail of `current` may go: its own mailbox first, then the others."""
    found = []
    for access in sorted(places.access, key=lambda one: one.owner_id != current.owner_id):
        prefix = "" if access.owner_id == current.owner_id else title(access, own_id) + ": "
        for folder in ordered(places.folders[access.owner_id]):
            if folder.id != current.id and folder.name != DOCUMENTS and "i" in access.on(folder):
                found.append(Target(folder.id, prefix + label(folder)))
    return tuple(found)
