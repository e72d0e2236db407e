"""What people do to mail in lists: each act checks its rights inside the transaction that performs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailserver.store import access, folders, quota
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing
from mailserver.store.flagging import FlagChange, store_flags_tx
from mailserver.store.flags import Flag
from mailserver.store.folder_names import INBOX, JUNK, TRASH
from mailserver.store.folders import Folder
from mailserver.store.letters import EVERY_FLAG, AllowedFlags, allowed_flags
from mailserver.store.removal import expunge_tx
from mailserver.store.transfers import move_tx

# RFC 4314 §4: which letter each flag asks for.
FLAG_ACTS: dict[str, tuple[FlagChange, Flag, str]] = {
    "seen": (FlagChange.ADD, Flag.SEEN, "s"),
    "unseen": (FlagChange.REMOVE, Flag.SEEN, "s"),
    "flag": (FlagChange.ADD, Flag.FLAGGED, "w"),
    "unflag": (FlagChange.REMOVE, Flag.FLAGGED, "w"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """source_id, uids: where the mail lies now, for taking it back to `origin_id`."""

    origin_id: int
    target: Folder
    uids: tuple[int, ...]


def flag_tx(tx: Tx, folder_id: int, uids: Sequence[int], act: str) -> None:
    """Mark mail; `act` is a key of FLAG_ACTS. Raises FolderMissing, Forbidden."""
    change, flag, right = FLAG_ACTS[act]
    access.require(tx.conn, tx.actor, folders.by_id(tx.conn, folder_id), right)
    store_flags_tx(tx, folder_id, uids, change, flag)


def move_mail_tx(tx: Tx, folder_id: int, uids: Sequence[int], target_id: int) -> Moved:
    """Move mail. Raises FolderMissing, Forbidden, OverQuota, MoveRefused; then nothing has moved."""
    source, target = folders.by_id(tx.conn, folder_id), folders.by_id(tx.conn, target_id)
    there = access.rights_on(tx.conn, tx.actor, target)
    access.check(there, "i", target.name)
    if target.owner_id != source.owner_id:
        quota.require_room_for_entries(tx.conn, target.owner_id, folder_id, uids)
    return _move_tx(tx, source, uids, target, allowed_flags(there))


def trash_tx(tx: Tx, folder_id: int, uids: Sequence[int]) -> Moved:
    """Move mail to the wastebasket of the mailbox it lies in; raises as `move_mail_tx`.

    No right is asked for there: who may remove mail for good may also put it where its owner finds it.
    """
    source = folders.by_id(tx.conn, folder_id)
    return _move_tx(tx, source, uids, _special_of(tx, source, TRASH), EVERY_FLAG)


def junk_tx(tx: Tx, folder_id: int, uids: Sequence[int]) -> Moved:
    """Move mail to the Junk of the mailbox it lies in, from which the filter learns; raises as `move_mail_tx`."""
    source = folders.by_id(tx.conn, folder_id)
    return _move_tx(tx, source, uids, _special_of(tx, source, JUNK), EVERY_FLAG)


def not_junk_tx(tx: Tx, folder_id: int, uids: Sequence[int]) -> Moved:
    """Move mail to the INBOX of the mailbox it lies in; raises as `move_mail_tx`."""
    source = folders.by_id(tx.conn, folder_id)
    return move_mail_tx(tx, folder_id, uids, folders.get(tx.conn, source.owner_id, INBOX).id)


def _move_tx(tx: Tx, source: Folder, uids: Sequence[int], target: Folder, keep: AllowedFlags) -> Moved:
    for right in ("t", "e"):
        access.require(tx.conn, tx.actor, source, right)
    pairs = move_tx(tx, source.id, uids, target.id, keep=keep)
    return Moved(source.id, target, tuple(new for _old, new in pairs))


def destroy_tx(tx: Tx, folder_id: int, uids: Sequence[int]) -> int:
    """Remove mail in a wastebasket for good; how many went. Raises FolderMissing elsewhere."""
    folder = folders.by_id(tx.conn, folder_id)
    access.require(tx.conn, tx.actor, folder, "e")
    if folder.special_use != TRASH:
        raise FolderMissing(folder.name)
    return len(expunge_tx(tx, folder_id, uids))


def _special_of(tx: Tx, source: Folder, use: str) -> Folder:
    """The folder of a mailbox for this use, made if it is missing."""
    found = folders.by_special_use(tx.conn, source.owner_id, use)
    if found is not None:
        return found
    access.check(access.mailbox_rights(tx.conn, tx.actor, source.owner_id), "k", source.name)
    return folders.create_tx(tx, source.owner_id, use.removeprefix("\\"), special_use=use)
