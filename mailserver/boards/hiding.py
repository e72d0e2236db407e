"""Posts that nobody finds for the time being, by mail program or browser, and of which nothing is lost.

A hidden post lies in no folder: rights on the agency's whole mailbox would show it to the registry. Who may hide one,
and what becomes of it, is for the regulation to say.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select, update

from mailserver.boards.kinds import REMOVED
from mailserver.boards.schema import board_hidden
from mailserver.store import arrivals, folders, raw
from mailserver.store.behaviours import How
from mailserver.store.folders import Folder
from mailserver.store.messages import pin_tx, unpin_tx
from mailserver.store.removal import drop_entries_tx
from mailserver.store.rows import Row, of_uids
from mailserver.store.tx import Tx


def hide_tx(tx: Tx, folder: Folder, message_pk: int) -> bool:
    """Take a post out of its folder, and from where its author may have taken it down to; False if it is gone."""
    places = raw.rows(
        tx.conn,
        "SELECT id FROM folder WHERE id = ? OR owner_id = ? AND behaviour = ?",
        (folder.id, folder.owner_id, REMOVED),
    )
    locked = folders.lock_tx(tx, [place for (place,) in places])
    found = {place: _entries(tx, place, message_pk) for place in sorted(locked)}
    rows = [row for of_place in found.values() for row in of_place]
    if not rows:
        return False
    pin_tx(tx, message_pk)
    when = rows[0].internal_date
    row = {"message_pk": message_pk, "folder_id": folder.id, "internal_date": when, "held": True}
    tx.conn.execute(insert(board_hidden).values(**row))
    for place, of_place in found.items():
        if of_place:
            # As a move: it is not removed for good, so it does not come to what the mailbox's owner may take back.
            drop_entries_tx(tx, locked[place], of_place, How.MOVE)
    return True


def show_tx(tx: Tx, folder: Folder, message_pk: int) -> bool:
    """Put a hidden post back where it stood, unread for all; False if it is not held any more."""
    row = tx.conn.execute(select(board_hidden).where(board_hidden.c.message_pk == message_pk)).first()
    if row is None or not row.held:
        return False
    tx.conn.execute(delete(board_hidden).where(board_hidden.c.message_pk == message_pk))
    arrivals.append_tx(tx, folder.id, message_pk, 0, "", row.internal_date, guarded=False)
    unpin_tx(tx, message_pk)
    return True


def forget_tx(tx: Tx, message_pk: int) -> None:
    """Let a hidden post go for good; its row goes on keeping it from being posted again."""
    mine = board_hidden.c.message_pk == message_pk, board_hidden.c.held.is_(True)
    if tx.conn.execute(update(board_hidden).where(*mine).values(held=False)).rowcount:
        unpin_tx(tx, message_pk)


def any_hidden(conn: Connection, message_pks: Collection[int]) -> bool:
    if not message_pks:
        return False
    condition, numbers = raw.among(conn, "message_pk", message_pks)
    return raw.row(conn, f"SELECT 1 FROM board_hidden WHERE {condition} LIMIT 1", (numbers,)) is not None


def _entries(tx: Tx, folder_id: int, message_pk: int) -> list[Row]:
    query = "SELECT uid FROM entry WHERE folder_id = ? AND message_pk = ? ORDER BY uid"
    return of_uids(tx.conn, folder_id, [uid for (uid,) in raw.rows(tx.conn, query, (folder_id, message_pk))])
