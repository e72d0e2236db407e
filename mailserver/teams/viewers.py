"""Who else has a message of a shared mailbox on the screen: told by the pages every 15 seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.columns import milliseconds
from mailserver.store.tx import Tx

# Seconds between two tellings of a page.
POLL_S = 15
# Seconds after the last one for which a page counts as open: three tellings, one of them late.
SEEN_FOR_S = 50


@dataclass(frozen=True, slots=True)
class Viewer:
    """writing: an answer."""

    name: str
    writing: bool


def seen_tx(tx: Tx, owner_id: int, message_pk: int, *, writing: bool) -> None:
    """The actor looks at a message of this mailbox now. Forgets whoever has stopped looking."""
    raw.run(tx.conn, "DELETE FROM team_viewer WHERE seen_at < ?", (_since(tx.now),))
    raw.run(
        tx.conn,
        "INSERT INTO team_viewer (owner_id, message_pk, person_id, seen_at, writing) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (owner_id, message_pk, person_id) DO UPDATE SET seen_at = excluded.seen_at,"
        " writing = excluded.writing",
        (owner_id, message_pk, tx.actor.principal_id, tx.now_ms, writing),
    )


def now_on(
    conn: Connection, owner_id: int, message_pks: Sequence[int], now: datetime, but: int | None
) -> dict[int, tuple[Viewer, ...]]:
    """By message, whoever looks at it now, but for the person `but`."""
    if not message_pks:
        return {}
    condition, numbers = raw.among(conn, "v.message_pk", message_pks)
    query = (
        "SELECT v.message_pk, p.name, v.writing FROM team_viewer v JOIN principal p ON p.id = v.person_id"
        f" WHERE v.owner_id = ? AND v.seen_at >= ? AND v.person_id <> ? AND {condition} ORDER BY p.name"
    )
    found: dict[int, tuple[Viewer, ...]] = {}
    for message_pk, name, writing in raw.rows(conn, query, (owner_id, _since(now), but or 0, numbers)):
        found[message_pk] = (*found.get(message_pk, ()), Viewer(name, bool(writing)))
    return found


def _since(now: datetime) -> int:
    return milliseconds(now - timedelta(seconds=SEEN_FOR_S))
