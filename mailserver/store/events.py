"""The event log: what has happened, in rows that are only ever added; push and workers read it by cursor.

On SQLite one writer at a time commits, so ids appear in order and a cursor is the last id read. On
PostgreSQL a transaction takes its ids before it commits: id 5 may appear after id 6. A reader
therefore goes by the transaction's number as well (`event.txid`): below the oldest transaction still
running everything is settled; above it, it remembers which ids it has told already.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.columns import from_milliseconds
from mailserver.store.database import Database
from mailserver.store.errors import StoreError
from mailserver.store.tx import Tx

# A process killed between COMMIT and wake-up leaves its event to this.
LOOK_AGAIN_S = 2.0
_BATCH = 5_000
_COLUMNS = "SELECT id, at, kind, actor_id, owner_id, folder_id, data FROM event "
_WITH_TXID = _COLUMNS.replace(" FROM", ", txid FROM")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log. kind: see the emitting function; data: its details, plain JSON."""

    id: int
    at: datetime
    kind: str
    actor_id: int | None
    owner_id: int | None
    folder_id: int | None
    data: dict[str, Any]


@dataclass(slots=True)
class Cursor:
    """How far a reader has got. event_id: last one settled (SQLite). txid: all below are told
    (PostgreSQL), and `told` the ids told from there on."""

    event_id: int = 0
    txid: int = 0
    told: dict[int, int] = field(default_factory=dict)


def _event(row: Any) -> Event:
    at = from_milliseconds(row[1])
    return Event(row[0], at, row[2], row[3], row[4], row[5], raw.from_json(row[6]))


def at_end(conn: Connection) -> Cursor:
    """A cursor behind everything this snapshot sees, in front of all that it does not."""
    newest = raw.row(conn, "SELECT coalesce(max(id), 0) FROM event")
    assert newest is not None
    if raw.is_sqlite(conn):
        return Cursor(event_id=newest[0])
    horizon = _horizon(conn)
    seen = raw.rows(conn, "SELECT id, txid FROM event WHERE txid >= ?", (horizon,))
    return Cursor(newest[0], horizon, dict(seen))


def read_on(conn: Connection, cursor: Cursor, limit: int = _BATCH) -> list[Event]:
    """The next events by id, at most `limit`; moves the cursor over them."""
    if raw.is_sqlite(conn):
        found = raw.rows(conn, _COLUMNS + "WHERE id > ? ORDER BY id LIMIT ?", (cursor.event_id, limit))
        if found:
            cursor.event_id = found[-1][0]
        return [_event(row) for row in found]
    return _read_on_postgresql(conn, cursor, limit)


def _read_on_postgresql(conn: Connection, cursor: Cursor, limit: int) -> list[Event]:
    """Everything visible and not told yet; what lies below the oldest running transaction is settled."""
    horizon = _horizon(conn)
    asked = limit + len(cursor.told)
    query = _WITH_TXID + "WHERE txid >= ? ORDER BY txid, id LIMIT ?"
    seen = raw.rows(conn, query, (cursor.txid, asked))
    fresh = [row for row in seen if row[0] not in cursor.told]
    cursor.txid = horizon if len(seen) < asked else min(horizon, seen[-1][7])
    cursor.told.update((row[0], row[7]) for row in fresh)
    cursor.told = {id_: txid for id_, txid in cursor.told.items() if txid >= cursor.txid}
    fresh.sort(key=lambda row: row[0])
    return [_event(row) for row in fresh]


def _horizon(conn: Connection) -> int:
    """The oldest transaction that this snapshot may not see the outcome of."""
    row = raw.row(conn, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    assert row is not None
    return int(row[0])


def load_cursor(conn: Connection, reader: str) -> Cursor:
    """Where a named reader stopped; the beginning of the log for a new one."""
    found = raw.row(conn, "SELECT event_id, txid FROM event_cursor WHERE reader = ?", (reader,))
    return Cursor(*found) if found else Cursor()


def read_settled(conn: Connection, cursor: Cursor, limit: int = 500) -> list[Event]:
    """As `read_on` for a reader that keeps its cursor in the database: only what is settled, each once."""
    if raw.is_sqlite(conn):
        return read_on(conn, cursor, limit)
    where = "WHERE (txid, id) > (?, ?) AND txid < ? ORDER BY txid, id LIMIT ?"
    found = raw.rows(conn, _WITH_TXID + where, (cursor.txid, cursor.event_id, _horizon(conn), limit))
    if found:
        cursor.event_id, cursor.txid = found[-1][0], found[-1][7]
    return [_event(row) for row in found]


def read_kinds(
    conn: Connection, cursor: Cursor, kinds: tuple[str, ...], limit: int = 500, only: str = ""
) -> list[Event]:
    """As `read_settled`, only events of these kinds; moves the cursor over all others as well.

    only: a further condition in SQL, a constant of the caller.
    """
    wanted = f"kind IN ({', '.join('?' * len(kinds))})" + (f" AND {only}" if only else "")
    if raw.is_sqlite(conn):
        newest = at_end(conn)
        query = f"{_COLUMNS}WHERE id > ? AND id <= ? AND {wanted} ORDER BY id LIMIT ?"
        found = raw.rows(conn, query, (cursor.event_id, newest.event_id, *kinds, limit))
        cursor.event_id = found[-1][0] if len(found) == limit else max(newest.event_id, cursor.event_id)
        return [_event(row) for row in found]
    horizon = _horizon(conn)
    query = f"{_WITH_TXID}WHERE (txid, id) > (?, ?) AND txid < ? AND {wanted} ORDER BY txid, id LIMIT ?"
    found = raw.rows(conn, query, (cursor.txid, cursor.event_id, horizon, *kinds, limit))
    if len(found) == limit:
        cursor.event_id, cursor.txid = found[-1][0], found[-1][7]
    elif horizon - 1 > cursor.txid:
        # Behind every event of the transactions that are over.
        passed = raw.row(conn, "SELECT coalesce(max(id), 0) FROM event WHERE txid < ?", (horizon,))
        assert passed is not None
        cursor.event_id, cursor.txid = int(passed[0]), horizon - 1
    return [_event(row) for row in found]


def save_cursor_tx(tx: Tx, reader: str, cursor: Cursor) -> None:
    """Keep a named reader's place, in the transaction that did what the events asked for."""
    raw.run(
        tx.conn,
        "INSERT INTO event_cursor (reader, event_id, txid) VALUES (?, ?, ?) "
        "ON CONFLICT (reader) DO UPDATE SET event_id = excluded.event_id, txid = excluded.txid",
        (reader, cursor.event_id, cursor.txid),
    )


Subscriber = Callable[[list[Event]], None]


class EventFeed:
    """Reads the log once a process and tells subscribers on the loop, a few ms after each commit."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._subscribers: list[Subscriber] = []
        self._kicked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._undo: list[Callable[[], None]] = []
        self._cursor = Cursor()
        self._waiting: list[asyncio.Future[None]] = []

    async def start(self) -> None:
        """Begin with what is committed from now on."""
        loop = asyncio.get_running_loop()
        self._cursor = await self._db.aread(at_end)

        def kick() -> None:
            if self._kicked.is_set():  # `_run` clears it before it looks: it will see this commit
                return
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
                loop.call_soon_threadsafe(self._kicked.set)

        self._undo = [self._db.on_commit(kick), self._db.wake.listen(kick)]
        self._task = asyncio.create_task(self._run(), name="event-feed")

    async def stop(self) -> None:
        while self._undo:
            self._undo.pop()()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for waiter in self._waiting:
            waiter.cancel()

    async def caught_up(self) -> None:
        """Return once subscribers have been told of everything committed before this call.

        Raises StoreUnavailable if the log cannot be read.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._kicked.set()
        await waiter

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every batch from now on, in order; returns the undoing. It must not block."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(callback)

        return unsubscribe

    async def _run(self) -> None:
        while True:
            if not self._kicked.is_set():  # it is while commits come all the time: no timer then
                # Not wait_for: on Python 3.11 it loses a cancellation that comes together with a kick.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await self._kicked.wait()
            self._kicked.clear()
            waiting, self._waiting = self._waiting, []
            try:
                await self._tell()
            except StoreError as error:  # the database is away: look again
                _settle(waiting, error)
                continue
            except Exception as error:
                _report(error)
            _settle(waiting)
            await asyncio.sleep(self._db.pace_s)

    async def _tell(self) -> None:
        while events := await self._db.aread(lambda conn: read_on(conn, self._cursor)):
            for callback in tuple(self._subscribers):
                try:
                    callback(events)
                except Exception as error:
                    _report(error)
            if len(events) < _BATCH:
                return


def _settle(waiting: list[asyncio.Future[None]], error: StoreError | None = None) -> None:
    for waiter in waiting:
        if not waiter.done():
            waiter.set_exception(error) if error else waiter.set_result(None)


def _report(error: Exception) -> None:
    """A fault must not silence the feed, nor one subscriber's the others."""
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "the event feed met a fault", "exception": error})
