"""Moving what the WAL has gathered into the database file: beside the writing, not in its way.

SQLite does this inside the COMMIT that makes the WAL too long; whoever writes, in any process, then waits
for thousands of pages to be written and synced. Here a thread of its own does it, often and little by
little, while commits go on. A WAL that is written to all the time is never moved as a whole, and grows; so
when it is long, the little that is left is moved while nobody writes, and the WAL begins anew. Near the end of
the disk it is not let grow, and given back to the disk: what it holds needs the same room in the file once more.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, exc

from mailserver.store.exclusion import Exclusion
from mailserver.store.room import Room

# Commits of this process after which it is worth a look, and seconds between two looks.
COMMITS = 50
PAUSE_S = 0.25
# Pages of a WAL that shall begin anew: 32 MiB.
LONG = 8_000
# The same where the disk is nearly full: 1 MiB.
LONG_FOR_A_FULL_DISK = 256
# How long readers of old pages are waited for then, while nobody can write; else the next look tries again.
READERS_MS = 20

_log = structlog.get_logger()


class Checkpoints:
    """The checkpointing thread of a process, started by its first writes."""

    def __init__(self, engine: Engine, exclusion: Exclusion, room: Room) -> None:
        """exclusion: one of this thread's own."""
        self._engine = engine
        self._room = room
        self._lock = threading.Lock()
        self._exclusion = exclusion
        self._commits = 0
        self._due = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def note_commit(self) -> None:
        """Called by the writer after each commit."""
        self._commits += 1
        if self._commits >= COMMITS or self._room.is_scarce():
            self._commits = 0
            self.look()

    def look(self) -> None:
        """See soon whether there is something to move. For any thread."""
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._loop, name="store-checkpoint", daemon=True)
                self._thread.start()
        self._due.set()

    def close(self) -> None:
        with self._lock:
            self._closing.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        self._exclusion.close()

    def _loop(self) -> None:
        conn: Connection | None = None
        while self._due.wait() and not self._closing.is_set():
            self._due.clear()
            try:
                conn = conn or self._connect()
                self._move(conn)
            except (exc.DBAPIError, sqlite3.Error, OSError) as error:
                _log.warning("checkpoint_failed", error=repr(error))
                if conn is not None:
                    conn.close()
                conn = None
            self._closing.wait(PAUSE_S)
        if conn is not None:
            conn.close()

    def _connect(self) -> Connection:
        """Apart from the pool: nobody else shall have a connection that gives up so soon."""
        conn = self._engine.connect()
        conn.detach()
        _driver(conn).execute(f"PRAGMA busy_timeout = {READERS_MS}")
        return conn

    def _move(self, conn: Connection) -> None:
        _busy, pages, _moved = _driver(conn).execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        scarce = self._room.is_scarce()
        if pages >= (LONG_FOR_A_FULL_DISK if scarce else LONG):
            with self._exclusion:
                _driver(conn).execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if scarce else 'RESTART'})").fetchone()


def _driver(conn: Connection) -> Any:
    return conn.connection.dbapi_connection
