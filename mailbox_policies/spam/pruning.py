"""Keeping what was learned within bounds: rare and old features go first, and rows of messages that are gone."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from mailbox_policies.spam import senders
from mailserver.actor import SYSTEM
from mailserver.directory.records import Kind
from mailserver.store import raw
from mailserver.store.store import Store
from mailserver.store.tx import Tx

# Features of one scope; a row takes some 40 octets. An agency has one scope for all of its mail, which is more varied.
MOST_FEATURES: Final = 150_000
MOST_OF_AGENCY: Final = 600_000
# Rows of one transaction.
BATCH: Final = 2_000

_SIZES = (
    "SELECT scope_id, count(*), (SELECT kind FROM principal p WHERE p.id = scope_id) FROM spam_feature"
    " GROUP BY scope_id ORDER BY scope_id"
)
_RAREST = "SELECT scope_id, feature FROM spam_feature WHERE scope_id = ? ORDER BY ham + spam, seen, feature LIMIT ?"
_DROP = "DELETE FROM spam_feature WHERE scope_id = ? AND feature = ?"
_GONE = " WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = message_pk) LIMIT ?"


def prune(store: Store, most: int = MOST_FEATURES, of_agency: int = MOST_OF_AGENCY) -> bool:
    """One piece of the work; whether there is more to do at once. of_agency: `most` for the scopes of agencies."""
    for scope_id, count, kind in store.db.read(partial(raw.rows, sql=_SIZES)):
        excess = count - (of_agency if kind == Kind.AGENCY else most)
        if excess > 0:
            batch = min(BATCH, excess)
            doomed = store.db.read(partial(raw.rows, sql=_RAREST, params=(scope_id, batch)))
            store.db.write(partial(_drop_tx, doomed=doomed), SYSTEM)
            return True
    return _forget_gone(store)


def _drop_tx(tx: Tx, doomed: list[Any]) -> None:
    raw.run_many(tx.conn, _DROP, [tuple(row) for row in doomed])


def _forget_gone(store: Store) -> bool:
    """What a lesson taught stays when its message goes; what was found of the message does not."""
    lessons, judgements = store.db.read(_gone)

    def forget_tx(tx: Tx) -> None:
        if lessons:
            raw.run_many(tx.conn, "DELETE FROM spam_lesson WHERE id = ?", lessons)
        if judgements:
            raw.run_many(tx.conn, "DELETE FROM spam_judgement WHERE message_pk = ? AND owner_id = ?", judgements)
        senders.forget_tx(tx)

    store.db.write(forget_tx, SYSTEM)
    return BATCH in (len(lessons), len(judgements))


def _gone(conn: Connection) -> tuple[list[Any], list[Any]]:
    lessons = raw.rows(conn, "SELECT id FROM spam_lesson" + _GONE, (BATCH,))
    return lessons, raw.rows(conn, "SELECT message_pk, owner_id FROM spam_judgement" + _GONE, (BATCH,))
