"""Entries that come from outside: delivery and APPEND."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailserver.store import personal, raw
from mailserver.store.behaviours import How, Passing
from mailserver.store.counters import Change, apply_tx
from mailserver.store.errors import StoreUnavailable
from mailserver.store.folders import Folder, lock_tx, of_ids
from mailserver.store.ingest import Prepared, store_message_tx
from mailserver.store.passing import ask, destination, guards
from mailserver.store.tx import Tx

INSERT_ENTRY = (
    "INSERT INTO entry (folder_id, uid, message_pk, flags, keywords, internal_date, save_date, modseq, size)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivered message goes. recipient_detail: what stood after "+" in the local part."""

    folder_id: int
    flags: int = 0
    keywords: str = ""
    recipient_detail: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    folder_id: int
    uid: int


def deliver_tx(tx: Tx, message_pk: int, targets: Sequence[Target], internal_date: int) -> list[Delivered]:
    """Put one stored message in many folders, each once; `internal_date` in seconds since 1970.

    Folder behaviours are asked for every target, then all entries come in a handful of statements.
    Raises FolderMissing, MoveRefused.
    """
    return _arrive(tx, message_pk, targets, internal_date, How.DELIVER, guarded=True)


def append_tx(
    tx: Tx,
    folder_id: int,
    message: Prepared | int,
    flags: int,
    keywords: str,
    internal_date: int,
    guarded: bool = True,
) -> int:
    """Put a prepared or an already stored message in a folder; the new uid (RFC 3501 §6.3.11).

    guarded: False leaves the folder's behaviour unasked (its own room is at work). Raises
    FolderMissing, MoveRefused.
    """
    message_pk = message if isinstance(message, int) else store_message_tx(tx, message)
    target = Target(folder_id, flags, keywords)
    return _arrive(tx, message_pk, (target,), internal_date, How.APPEND, guarded)[0].uid


def _arrive(
    tx: Tx, message_pk: int, targets: Sequence[Target], internal_date: int, how: How, guarded: bool
) -> list[Delivered]:
    if guarded and how is How.DELIVER and any(target.recipient_detail for target in targets):
        targets = _sent_on(tx, message_pk, targets)  # before anything is locked: locks are taken by ascending id
    folders = lock_tx(tx, {target.folder_id for target in targets})
    if guarded and guards(*(folder.ref for folder in folders.values())):
        _ask_each(tx, message_pk, targets, folders, how)
        folders = lock_tx(tx, folders)  # a behaviour may have changed the very folders
    size = _size_of(tx, message_pk)
    wanted = {target.folder_id: target for target in targets}
    entries, changes = [], []
    for folder_id, target in wanted.items():
        folder = folders[folder_id]
        modseq = folder.highestmodseq + 1
        times = internal_date, tx.now_s, modseq
        flags = personal.split_tx(tx, folder, folder.uidnext, target.flags, modseq) if folder.personal else target.flags
        entries.append((folder_id, folder.uidnext, message_pk, flags, target.keywords, *times, size))
        changes.append(Change(folder_id, modseq, folder.uidnext + 1).adding(flags, size))
        _tell(tx, how, folder, message_pk)
    raw.run_many(tx.conn, INSERT_ENTRY, entries)
    apply_tx(tx, changes)
    return [Delivered(entry[0], entry[1]) for entry in entries]


def _sent_on(tx: Tx, message_pk: int, targets: Sequence[Target]) -> list[Target]:
    """The targets, those with another folder that send on what is delivered there (`behaviours.SendsOn`)."""
    refs = {one.id: one.ref for one in of_ids(tx.conn, {target.folder_id for target in targets})}
    found = []
    for target in targets:
        passing = Passing(How.DELIVER, None, refs.get(target.folder_id), (), (message_pk,), target.recipient_detail)
        other = destination(tx, passing)
        found.append(target if other is None else replace(target, folder_id=other))
    return found


def _ask_each(tx: Tx, message_pk: int, targets: Sequence[Target], folders: dict[int, Folder], how: How) -> None:
    for target in targets:
        ref = folders[target.folder_id].ref
        if guards(ref):
            ask(tx, Passing(how, None, ref, (), (message_pk,), target.recipient_detail))


def _size_of(tx: Tx, message_pk: int) -> int:
    found = raw.row(tx.conn, "SELECT size FROM message WHERE id = ?", (message_pk,))
    if found is None:
        raise StoreUnavailable(f"message {message_pk} is gone")
    return int(found[0])


def _tell(tx: Tx, how: How, folder: Folder, message_pk: int) -> None:
    kind = "message.appended" if how is How.APPEND else "message.delivered"
    told = {"uids": [folder.uidnext], "modseq": folder.highestmodseq + 1, "message_pk": message_pk}
    tx.emit(kind, owner_id=folder.owner_id, folder_id=folder.id, **told)
