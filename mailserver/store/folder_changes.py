"""Renaming and deleting folders with what is in them."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.store import raw, rows, subscriptions, vault
from mailserver.store.errors import FolderExists, FolderHasChildren, FolderInUse
from mailserver.store.folder_names import INBOX, SEPARATOR, checked, spelled
from mailserver.store.folders import Folder, create_tx, find, get, list_of, lock_tx, make_parents
from mailserver.store.transfers import move_all_tx
from mailserver.store.tx import Tx


def rename_tx(tx: Tx, owner_id: int, old: str, new: str, guarded: bool = True) -> None:
    """Rename a folder with everything below it; of INBOX, move its messages (RFC 3501 §6.3.5).

    Raises FolderMissing, FolderExists, FolderNameInvalid; FolderInUse for folders that carry a
    behaviour, or have one below them, and for moving a folder under itself.
    guarded: False lets folders with a behaviour be renamed (its own room is at work).
    """
    old, new = spelled(old), checked(new)
    folder = get(tx.conn, owner_id, old)
    if find(tx.conn, owner_id, new) is not None:
        raise FolderExists(new)
    if old == INBOX:
        _rename_inbox(tx, folder, new)
        return
    if new.startswith(old + SEPARATOR):
        raise FolderInUse(old)
    moving = [folder, *_below(tx.conn, owner_id, old)]
    if guarded and any(one.behaviour for one in moving):
        raise FolderInUse(old)
    make_parents(tx, owner_id, new, allowed=True)
    for one in moving:
        renamed = checked(new + one.name[len(old) :])
        raw.run(tx.conn, "UPDATE folder SET name = ? WHERE id = ?", (renamed, one.id))
        tx.emit("folder.renamed", owner_id=owner_id, folder_id=one.id, name=renamed, old=one.name)
        subscriptions.subscribe_tx(tx, owner_id, renamed)


def delete_tx(tx: Tx, owner_id: int, name: str) -> None:
    """Delete a folder and its entries (RFC 3501 §6.3.4); for some days its owner can take them back (`vault`).

    Raises FolderMissing; FolderInUse for INBOX or a folder with a behaviour; FolderHasChildren.
    """
    folder = get(tx.conn, owner_id, name)
    if folder.name == INBOX or folder.behaviour:
        raise FolderInUse(folder.name)
    if _below(tx.conn, owner_id, folder.name):
        raise FolderHasChildren(folder.name)
    lock_tx(tx, (folder.id,))
    inside = list(rows.snapshot(tx.conn, folder.id))
    raw.run(
        tx.conn,
        "INSERT INTO orphan_candidate (message_pk, since)"
        " SELECT DISTINCT message_pk, ? FROM entry WHERE folder_id = ? ON CONFLICT DO NOTHING",
        (tx.now_ms, folder.id),
    )
    for table in ("entry", "tombstone", "folder_acl", "personal_flag", "annotation"):
        raw.run(tx.conn, f"DELETE FROM {table} WHERE folder_id = ?", (folder.id,))
    raw.run(tx.conn, "DELETE FROM folder WHERE id = ?", (folder.id,))
    vault.keep_tx(tx, owner_id, folder.id, folder.name, inside)
    tx.emit("folder.deleted", owner_id=owner_id, folder_id=folder.id, name=folder.name)


def _below(conn: Connection, owner_id: int, name: str) -> list[Folder]:
    prefix = name + SEPARATOR
    return [folder for folder in list_of(conn, owner_id) if folder.name.startswith(prefix)]


def _rename_inbox(tx: Tx, inbox: Folder, new: str) -> None:
    target = create_tx(tx, inbox.owner_id, new)
    move_all_tx(tx, inbox.id, target.id)
