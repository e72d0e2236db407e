"""Mail from outside that was read and left where it is: wanted, though nobody says so by moving it.

Without it a filter would hear of unwanted mail only. Some days pass first, in which a reader may still move it into
Junk; what was thrown away, or never opened, says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from mailbox_policies.spam import lessons
from mailbox_policies.spam.moves import Place, place_of
from mailserver.actor import SYSTEM
from mailserver.store import folders, raw
from mailserver.store.columns import milliseconds
from mailserver.store.flags import Flag
from mailserver.store.store import Store
from mailserver.store.tx import Tx

# A long weekend.
LEFT_FOR: Final = timedelta(days=4)
BATCH: Final = 200

_CAME = "INSERT INTO spam_arrival (message_pk, owner_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DUE = "SELECT message_pk, owner_id FROM spam_arrival WHERE at < ? ORDER BY message_pk, owner_id LIMIT ?"
_DONE = "DELETE FROM spam_arrival WHERE message_pk = ? AND owner_id = ?"
_WHERE = (
    "SELECT e.folder_id, e.flags, EXISTS (SELECT 1 FROM personal_flag p WHERE p.folder_id = e.folder_id"
    f" AND p.uid = e.uid AND p.flags & {int(Flag.SEEN)} <> 0) FROM entry e JOIN folder f ON f.id = e.folder_id"
    " WHERE e.message_pk = ? AND f.owner_id = ?"
)


def came_tx(tx: Tx, message_pk: int, mailboxes: Collection[int]) -> None:
    """Note to look later what has become of a message."""
    if mailboxes:
        raw.run_many(tx.conn, _CAME, [(message_pk, one, tx.now_ms) for one in sorted(mailboxes)])


def look(store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> bool:
    """Look at the next of those that came long enough ago; whether there is more. clock: aware."""
    before = milliseconds(clock() - LEFT_FOR)
    due = store.db.read(partial(raw.rows, sql=_DUE, params=(before, BATCH)))
    if due:
        kept = store.db.read(lambda conn: [(owner, pk) for pk, owner in due if _is_kept(conn, pk, owner)])
        store.db.write(partial(_note_tx, due=due, kept=kept), SYSTEM)
    return len(due) == BATCH


def _note_tx(tx: Tx, due: list[Any], kept: list[tuple[int, int]]) -> None:
    lessons.kept_tx(tx, kept)
    raw.run_many(tx.conn, _DONE, [tuple(row) for row in due])


def _is_kept(conn: Connection, message_pk: int, owner_id: int) -> bool:
    """Whether it lies, read, in the mailbox, and nowhere in its Junk or Trash."""
    found = raw.rows(conn, _WHERE, (message_pk, owner_id))
    read = any(flags & (Flag.SEEN | Flag.ANSWERED) or seen for _folder, flags, seen in found)
    gone = any(flags & Flag.DELETED for _folder, flags, _seen in found)
    if not read or gone:
        return False
    places = {place_of(conn, folders.by_id(conn, folder_id)) for folder_id, _flags, _seen in found}
    return places == {Place.ELSEWHERE}
