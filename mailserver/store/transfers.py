"""Entries that go from folder to folder: COPY and MOVE (RFC 3501 §6.4.7, RFC 6851)."""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.store import personal, raw, vault
from mailserver.store.arrivals import INSERT_ENTRY
from mailserver.store.behaviours import How, Passing
from mailserver.store.counters import Change, apply_tx
from mailserver.store.folders import Folder, lock_tx
from mailserver.store.letters import EVERY_FLAG, AllowedFlags
from mailserver.store.passing import ask, guards, tell_late
from mailserver.store.removal import drop_entries_tx
from mailserver.store.rows import Row, of_uids, snapshot
from mailserver.store.tx import Tx

UidPair = tuple[int, int]


def copy_tx(
    tx: Tx,
    source_id: int,
    uids: Sequence[int],
    target_id: int,
    guarded: bool = True,
    keep: AllowedFlags = EVERY_FLAG,
) -> list[UidPair]:
    """Copy entries with flags and internal date; (source uid, target uid) of each, ascending.

    Uids that are gone are skipped, unless the target's behaviour minds (`behaviours.HearsLate`). guarded: False
    leaves the folders' behaviours unasked. keep: the flags that come along (RFC 4314 §4: those that may be set in
    the target). Raises FolderMissing, MoveRefused.
    """
    return _transfer(tx, How.COPY, source_id, uids, target_id, guarded, keep)


def move_tx(
    tx: Tx,
    source_id: int,
    uids: Sequence[int],
    target_id: int,
    guarded: bool = True,
    keep: AllowedFlags = EVERY_FLAG,
) -> list[UidPair]:
    """As `copy_tx`, and the entries leave the source in the same moment."""
    return _transfer(tx, How.MOVE, source_id, uids, target_id, guarded, keep)


def move_all_tx(tx: Tx, source_id: int, target_id: int) -> list[UidPair]:
    """Move whatever is in a folder; its behaviour, if any, is asked."""
    return move_tx(tx, source_id, snapshot(tx.conn, source_id).uids, target_id)


def _transfer(
    tx: Tx, how: How, source_id: int, uids: Sequence[int], target_id: int, guarded: bool, keep: AllowedFlags
) -> list[UidPair]:
    folders = lock_tx(tx, {source_id, target_id})
    rows = of_uids(tx.conn, source_id, uids)
    source, target = folders[source_id], folders[target_id]
    if guarded and len(rows) < len(uids) and guards(target.ref):
        gone = sorted(set(uids) - {row.uid for row in rows})
        tell_late(tx, Passing(how, source.ref, target.ref, gone, ()))
    if rows and guarded and guards(source.ref, target.ref):
        found = [row.uid for row in rows], [row.message_pk for row in rows]
        ask(tx, Passing(how, source.ref, target.ref, *found))
        # A behaviour may have changed the very folders and entries.
        folders = lock_tx(tx, folders)
        rows = of_uids(tx.conn, source_id, uids)
        source, target = folders[source_id], folders[target_id]
    if not rows:
        return []
    pairs = _place(tx, source, target, rows, keep)
    told = {"uids": [new for _, new in pairs], "modseq": target.highestmodseq + 1, "source_id": source_id}
    told["messages"] = [row.message_pk for row in rows]  # who reads it later may not find the entries any more
    tx.emit("message.copied", owner_id=target.owner_id, folder_id=target_id, **told, how=how.value)
    if how is How.MOVE:
        if source_id == target_id:
            source = lock_tx(tx, (source_id,))[source_id]
        drop_entries_tx(tx, source, rows, how)
        if source.owner_id != target.owner_id:  # gone for who owned it
            vault.keep_tx(tx, source.owner_id, source.id, source.name, rows)
    return pairs


def _place(tx: Tx, source: Folder, target: Folder, rows: list[Row], keep: AllowedFlags) -> list[UidPair]:
    """Insert the copies; uids in the order of the source's (RFC 4315 §3)."""
    modseq = target.highestmodseq + 1
    uids = [row.uid for row in rows]
    pairs = list(zip(uids, range(target.uidnext, target.uidnext + len(uids)), strict=True))
    if (source.personal or target.personal) and source.owner_id != target.owner_id:
        rows = _place_for_actor(tx, source, target, pairs, keep)
    else:
        _insert(tx, source, target, uids, keep)
        if source.personal:
            personal.follow_tx(tx, source.id, target.id, pairs, keep.bits, modseq)
    change = Change(target.id, modseq, target.uidnext + len(rows))
    for row in rows:
        change.adding(row.flags & keep.bits, row.size)
    apply_tx(tx, (change,))
    return pairs


def _insert(tx: Tx, source: Folder, target: Folder, uids: Sequence[int], keep: AllowedFlags) -> None:
    condition, params = raw.among_uids(tx.conn, uids)
    raw.run(
        tx.conn,
        "INSERT INTO entry"
        " (folder_id, uid, message_pk, flags, keywords, internal_date, save_date, modseq, size)"
        f" SELECT ?, ? + row_number() OVER (ORDER BY uid), message_pk, {_kept(keep)}, internal_date, ?, ?,"
        f" size FROM entry WHERE folder_id = ? AND {condition}",
        (target.id, target.uidnext - 1, tx.now_s, target.highestmodseq + 1, source.id, *params),
    )


def _place_for_actor(tx: Tx, source: Folder, target: Folder, pairs: list[UidPair], keep: AllowedFlags) -> list[Row]:
    """Insert copies in another mailbox, with the flags that the actor sees: in a mailbox with personal flags
    they become the actor's there. Returns the rows with the flags that are everybody's."""
    modseq = target.highestmodseq + 1
    seen = of_uids(tx.conn, source.id, [pair[0] for pair in pairs], personal.reader_of(source, tx.actor))
    common, entries = [], []
    for row, (_, uid) in zip(seen, pairs, strict=True):
        flags = personal.split_tx(tx, target, uid, row.flags & keep.bits, modseq)
        keywords = row.keywords if keep.keywords else ""
        common.append(row._replace(flags=flags))
        times = row.internal_date, tx.now_s, modseq
        entries.append((target.id, uid, row.message_pk, flags, keywords, *times, row.size))
    raw.run_many(tx.conn, INSERT_ENTRY, entries)
    return common


def _kept(keep: AllowedFlags) -> str:
    """The columns of flags and keywords, cut to what may come along."""
    if keep.all:
        return "flags, keywords"
    keywords = "keywords" if keep.keywords else "''"
    return f"flags & {keep.bits:d}, {keywords}"
