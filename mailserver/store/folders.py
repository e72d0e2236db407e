"""Folders of a mailbox: create, rename, delete, list (RFC 3501 §6.3, RFC 6154), and their counters.

A name is of one owner; what other people see of it is in `namespaces`. UIDVALIDITY comes from a
counter of the mailbox that never goes back, so a name that comes again has a greater one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.store import raw, subscriptions
from mailserver.store.behaviours import FolderRef
from mailserver.store.errors import FolderExists, FolderMissing
from mailserver.store.flags import Flag
from mailserver.store.folder_names import INBOX, JUNK, SEPARATOR, TRASH, checked, parents, spelled
from mailserver.store.tx import Tx

STANDARD: tuple[tuple[str, str | None], ...] = (
    (INBOX, None),
    ("Drafts", "\\Drafts"),
    ("Sent", "\\Sent"),
    ("Junk", JUNK),
    ("Trash", TRASH),
    ("Archive", "\\Archive"),
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with its counters, as of the transaction that read it. size: octets of all messages.

    personal: bits of the flags that each reader has for himself, see `personal`. forgotten_modseq: see `tombstones`.
    """

    id: int
    owner_id: int
    name: str
    uidvalidity: int
    uidnext: int
    highestmodseq: int
    recent_from: int
    messages: int
    unseen: int
    deleted: int
    size: int
    special_use: str | None
    behaviour: str | None
    personal: int = 0
    forgotten_modseq: int = 0

    @property
    def ref(self) -> FolderRef:
        return FolderRef(self.id, self.owner_id, self.name, self.behaviour)


_SELECT = (
    "SELECT id, owner_id, name, uidvalidity, uidnext, highestmodseq, recent_from,"
    " messages, unseen, deleted, size, special_use, behaviour, personal, forgotten_modseq FROM folder "
)


def find(conn: Connection, owner_id: int, name: str) -> Folder | None:
    found = raw.row(conn, _SELECT + "WHERE owner_id = ? AND name = ?", (owner_id, spelled(name)))
    return Folder(*found) if found else None


def get(conn: Connection, owner_id: int, name: str) -> Folder:
    """Raises FolderMissing."""
    folder = find(conn, owner_id, name)
    if folder is None:
        raise FolderMissing(name)
    return folder


def by_id(conn: Connection, folder_id: int) -> Folder:
    """Raises FolderMissing."""
    found = raw.row(conn, _SELECT + "WHERE id = ?", (folder_id,))
    if found is None:
        raise FolderMissing(str(folder_id))
    return Folder(*found)


def of_ids(conn: Connection, folder_ids: Collection[int]) -> list[Folder]:
    """Those of the folders that exist, by id."""
    if not folder_ids:
        return []
    condition, numbers = raw.among(conn, "id", folder_ids)
    return [Folder(*row) for row in raw.rows(conn, f"{_SELECT}WHERE {condition} ORDER BY id", (numbers,))]


def list_of(conn: Connection, owner_id: int) -> list[Folder]:
    """All folders of a mailbox by name, INBOX first."""
    found = [Folder(*row) for row in raw.rows(conn, _SELECT + "WHERE owner_id = ?", (owner_id,))]
    return sorted(found, key=lambda folder: (folder.name != INBOX, folder.name))


def by_special_use(conn: Connection, owner_id: int, special_use: str) -> Folder | None:
    """The first folder with an RFC 6154 attribute such as "\\\\Sent"."""
    query = _SELECT + "WHERE owner_id = ? AND special_use = ? ORDER BY id LIMIT 1"
    found = raw.row(conn, query, (owner_id, special_use))
    return Folder(*found) if found else None


def deleted_octets(conn: Connection, folder_ids: Collection[int]) -> dict[int, int]:
    """The octets of messages that are \\Deleted; folders without any are left out. Looks at every entry."""
    if not folder_ids:
        return {}
    condition, numbers = raw.among(conn, "folder_id", folder_ids)
    query = f"SELECT folder_id, sum(size) FROM entry WHERE {condition} AND flags & {int(Flag.DELETED)} <> 0"
    return {folder_id: int(size) for folder_id, size in raw.rows(conn, query + " GROUP BY folder_id", (numbers,))}


def lock_tx(tx: Tx, folder_ids: Collection[int]) -> dict[int, Folder]:
    """The folders, held until the end of the transaction, locked by ascending id.

    Raises FolderMissing if one is gone.
    """
    condition, numbers = raw.among(tx.conn, "id", folder_ids)
    query = f"{_SELECT}WHERE {condition} ORDER BY id"
    if not raw.is_sqlite(tx.conn):
        query += " FOR UPDATE"
    found = {row[0]: Folder(*row) for row in raw.rows(tx.conn, query, (numbers,))}
    if len(found) != len(set(folder_ids)):
        raise FolderMissing("a folder has been deleted")
    return found


def create_standard_tx(tx: Tx, owner_id: int) -> None:
    """The folders every mailbox has; those already there stay as they are."""
    for name, special_use in STANDARD:
        if find(tx.conn, owner_id, name) is None:
            create_tx(tx, owner_id, name, special_use=special_use)


def create_tx(
    tx: Tx,
    owner_id: int,
    name: str,
    *,
    special_use: str | None = None,
    behaviour: str | None = None,
    parents: bool = True,
) -> Folder:
    """Make a folder, and the levels above it where they are missing (RFC 3501 §6.3.3).

    parents: False raises FolderMissing instead of making levels. Raises FolderExists,
    FolderNameInvalid.
    """
    name = checked(name)
    if find(tx.conn, owner_id, name) is not None:
        raise FolderExists(name)
    make_parents(tx, owner_id, name, allowed=parents)
    return _insert(tx, owner_id, name, special_use, behaviour)


def claim_recent_tx(tx: Tx, folder_id: int) -> int:
    """Take what is \\Recent for this session: entries with uid >= the answer (RFC 3501 §2.3.2)."""
    folder = lock_tx(tx, (folder_id,))[folder_id]
    if folder.recent_from != folder.uidnext:
        raw.run(tx.conn, "UPDATE folder SET recent_from = uidnext WHERE id = ?", (folder_id,))
    return folder.recent_from


def make_parents(tx: Tx, owner_id: int, name: str, *, allowed: bool) -> None:
    for parent in parents(name):
        if find(tx.conn, owner_id, parent) is None:
            if not allowed:
                raise FolderMissing(parent)
            _insert(tx, owner_id, parent, None, None)


def _insert(tx: Tx, owner_id: int, name: str, special_use: str | None, behaviour: str | None) -> Folder:
    uidvalidity = _next_uidvalidity(tx, owner_id)
    made = raw.row(
        tx.conn,
        "INSERT INTO folder (owner_id, name, uidvalidity, special_use, behaviour, created_at, personal)"
        " VALUES (?, ?, ?, ?, ?, ?, coalesce((SELECT personal_flags FROM mailbox_settings WHERE owner_id = ?), 0))"
        " ON CONFLICT (owner_id, name) DO NOTHING RETURNING id",
        (owner_id, name, uidvalidity, special_use, behaviour, tx.now_ms, owner_id),
    )
    if made is None:
        raise FolderExists(name)
    _inherit_acl(tx, owner_id, name, made[0])
    tx.emit("folder.created", owner_id=owner_id, folder_id=made[0], name=name)
    subscriptions.subscribe_tx(tx, owner_id, name)  # many clients show subscribed folders only
    return by_id(tx.conn, made[0])


def _inherit_acl(tx: Tx, owner_id: int, name: str, folder_id: int) -> None:
    """A new folder is shared as the level above it (RFC 4314 §3: left to the server)."""
    above = name.rpartition(SEPARATOR)[0]
    if above:
        raw.run(
            tx.conn,
            "INSERT INTO folder_acl (folder_id, grantee_id, rights) SELECT ?, acl.grantee_id, acl.rights"
            " FROM folder_acl acl JOIN folder ON folder.id = acl.folder_id"
            " WHERE folder.owner_id = ? AND folder.name = ?",
            (folder_id, owner_id, above),
        )


def _next_uidvalidity(tx: Tx, owner_id: int) -> int:
    """At least the time in seconds, so that a mailbox restored from a backup does not go back either."""
    greatest = "max" if raw.is_sqlite(tx.conn) else "greatest"
    found = raw.row(
        tx.conn,
        "INSERT INTO uidvalidity_counter (owner_id, last) VALUES (?, ?) ON CONFLICT (owner_id)"
        f" DO UPDATE SET last = {greatest}(uidvalidity_counter.last + 1, excluded.last) RETURNING last",
        (owner_id, tx.now_s),
    )
    assert found is not None
    return int(found[0])
