"""Taking back mail that was removed for good (see `vault`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mailserver.store import audit, folders, quota, vault
from mailserver.store.arrivals import append_tx
from mailserver.store.errors import MoveRefused
from mailserver.store.flags import Flag
from mailserver.store.folder_names import INBOX
from mailserver.store.folders import Folder
from mailserver.store.quota import Amount
from mailserver.store.tx import Tx
from mailserver.store.vault import Removed


@dataclass(frozen=True, slots=True)
class Restored:
    """Where one message lies again."""

    folder: Folder
    uid: int


def restore_tx(tx: Tx, owner_id: int, ids: Collection[int]) -> list[Restored]:
    """Put removed mail back into the folders it lay in, each under a new uid; what is gone by now is skipped.

    A folder that is no more is made again. What a folder's behaviour does not take back (a step of a document that
    goes on elsewhere) goes to the INBOX. Leaves an audit entry. Raises OverQuota, MoveRefused, and then nothing is
    restored. Who may do so is the caller's to check.
    """
    wanted = vault.of_ids(tx, owner_id, ids)
    if not wanted:
        return []
    quota.require_room(tx.conn, owner_id, Amount(sum(one.size for one in wanted), len(wanted)))
    restored = [_back_tx(tx, one) for one in wanted]
    vault.forget_tx(tx, [one.id for one in wanted])
    places = sorted({one.folder.name for one in restored})
    messages = [one.message_pk for one in wanted]
    audit.record_tx(tx, "mail.restored", owner_id=owner_id, folders=places, messages=messages)
    return restored


def _back_tx(tx: Tx, one: Removed) -> Restored:
    flags = one.flags & ~int(Flag.DELETED)
    folder = _folder_tx(tx, one)
    try:
        uid = append_tx(tx, folder.id, one.message_pk, flags, one.keywords, one.internal_date)
    except MoveRefused:
        folder = folders.get(tx.conn, one.owner_id, INBOX)
        uid = append_tx(tx, folder.id, one.message_pk, flags, one.keywords, one.internal_date)
    return Restored(folder, uid)


def _folder_tx(tx: Tx, one: Removed) -> Folder:
    """The folder itself, under whatever name; else one of its name, made if there is none."""
    same = [folder for folder in folders.of_ids(tx.conn, (one.folder_id,)) if folder.owner_id == one.owner_id]
    found = same[0] if same else folders.find(tx.conn, one.owner_id, one.folder_name)
    return found or folders.create_tx(tx, one.owner_id, one.folder_name)
