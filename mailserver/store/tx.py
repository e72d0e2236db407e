"""An open write transaction, and the events it will leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store import raw
from mailserver.store.behaviours import Behaviours
from mailserver.store.columns import milliseconds

PendingEvent = tuple[int, str, int | None, int | None, int | None, str]


@dataclass(slots=True)
class Tx:
    """An open write transaction. Never wait for the network inside one.

    now: aware, UTC; the same for everything the transaction writes.
    """

    conn: Connection
    actor: Actor
    now: datetime
    behaviours: Behaviours
    events: list[PendingEvent] = field(default_factory=list)
    deferred: dict[str, dict[int, Sequence[Any]]] = field(default_factory=dict)

    def emit(self, kind: str, *, owner_id: int | None = None, folder_id: int | None = None, **data: Any) -> None:
        """Add a row to the event log; readers are woken after the commit."""
        self.events.append((self.now_ms, kind, self.actor.principal_id, owner_id, folder_id, raw.to_json(data)))

    def defer(self, sql: str, key: int, params: Sequence[Any]) -> None:
        """Run a statement just before COMMIT, together with those of the other works in the group."""
        self.deferred.setdefault(sql, {})[key] = params

    def withdraw(self, sql: str, key: int) -> bool:
        """Take a deferred statement back; whether there was one."""
        return self.deferred.get(sql, {}).pop(key, None) is not None

    @property
    def now_ms(self) -> int:
        """`now` as the column type UtcTime keeps it: milliseconds since 1970."""
        return milliseconds(self.now)

    @property
    def now_s(self) -> int:
        """`now` in whole seconds since 1970."""
        return int(self.now.timestamp())


_COLUMNS = "INSERT INTO event (at, kind, actor_id, owner_id, folder_id, data, txid) VALUES (?, ?, ?, ?, ?, ?, "
_INSERT_SQLITE = _COLUMNS + "0)"
_INSERT_POSTGRESQL = _COLUMNS + "pg_current_xact_id()::text::bigint)"


def finish(conn: Connection, txs: Sequence[Tx]) -> bool:
    """Write what finished works have left for the end; whether there are events to announce."""
    deferred: dict[str, list[Sequence[Any]]] = {}
    for tx in txs:
        for sql, by_key in tx.deferred.items():
            deferred.setdefault(sql, []).extend(by_key.values())
    for sql, params in deferred.items():
        raw.run_many(conn, sql, params)
    events = [row for tx in txs for row in tx.events]
    if events:
        raw.run_many(conn, _INSERT_SQLITE if raw.is_sqlite(conn) else _INSERT_POSTGRESQL, events)
    return bool(events)
