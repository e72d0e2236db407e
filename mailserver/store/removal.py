"""Entries that go away: EXPUNGE, and the source's side of MOVE. Each leaves a tombstone (RFC 7162 §3.2.7), and what
was removed for good can be taken back for some days (`vault`)."""

from __future__ import annotations

from collections.abc import Sequence

from mailserver.store import personal, raw, vault
from mailserver.store.behaviours import How, Passing
from mailserver.store.counters import Change, apply_tx
from mailserver.store.flags import Flag
from mailserver.store.folders import Folder, lock_tx
from mailserver.store.passing import ask, guards
from mailserver.store.rows import SELECT_ROWS, Row, of_uids
from mailserver.store.tx import Tx

_DELETED = int(Flag.DELETED)


def expunge_tx(
    tx: Tx, folder_id: int, uids: Sequence[int] | None, guarded: bool = True, *, only_deleted: bool = False
) -> list[int]:
    """Remove entries for good; the uids that went, ascending.

    uids: None for all that are \\Deleted. only_deleted: of `uids`, those that are \\Deleted
    (UID EXPUNGE, RFC 4315 §2.1). guarded: False leaves the folder's behaviour unasked. Raises
    FolderMissing, MoveRefused.
    """
    folder = lock_tx(tx, (folder_id,))[folder_id]
    rows = _chosen(tx, folder_id, uids, only_deleted)
    if rows and guarded and guards(folder.ref):
        found = [row.uid for row in rows], [row.message_pk for row in rows]
        ask(tx, Passing(How.EXPUNGE, folder.ref, None, *found))
        folder = lock_tx(tx, (folder_id,))[folder_id]  # a behaviour may have changed the very folder
        rows = _chosen(tx, folder_id, uids, only_deleted)
    if rows:
        drop_entries_tx(tx, folder, rows, How.EXPUNGE)
    return [row.uid for row in rows]


def drop_entries_tx(tx: Tx, folder: Folder, rows: Sequence[Row], how: How) -> None:
    """Take existing entries out of a locked folder; messages that may be nobody's now are noted."""
    modseq = folder.highestmodseq + 1
    uids = [row.uid for row in rows]
    condition, params = raw.among_uids(tx.conn, uids)
    chosen = f"FROM entry WHERE folder_id = ? AND {condition}"
    raw.run(
        tx.conn,
        f"INSERT INTO tombstone (folder_id, uid, modseq, at) SELECT folder_id, uid, ?, ? {chosen}",
        (modseq, tx.now_ms, folder.id, *params),
    )
    if how is not How.MOVE:
        raw.run(
            tx.conn,
            f"INSERT INTO orphan_candidate (message_pk, since) SELECT DISTINCT message_pk, ? {chosen}"
            " ON CONFLICT DO NOTHING",
            (tx.now_ms, folder.id, *params),
        )
    raw.run(tx.conn, f"DELETE {chosen}", (folder.id, *params))
    personal.drop_tx(tx, folder, uids)
    if how is not How.MOVE:
        vault.keep_tx(tx, folder.owner_id, folder.id, folder.name, rows)
    change = Change(folder.id, modseq, folder.uidnext)
    for row in rows:
        change.removing(row.flags, row.size)
    apply_tx(tx, (change,))
    told = {"uids": uids, "modseq": modseq, "how": how.value}
    tx.emit("message.expunged", owner_id=folder.owner_id, folder_id=folder.id, **told)


def _chosen(tx: Tx, folder_id: int, uids: Sequence[int] | None, only_deleted: bool) -> list[Row]:
    if uids is None:
        query = f"{SELECT_ROWS}WHERE folder_id = ? AND flags & {_DELETED} <> 0 ORDER BY uid"
        return list(map(Row._make, raw.rows(tx.conn, query, (folder_id,))))
    rows = of_uids(tx.conn, folder_id, uids)
    return [row for row in rows if row.flags & _DELETED] if only_deleted else rows
