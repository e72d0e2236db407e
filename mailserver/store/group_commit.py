"""Group commit on SQLite: one thread a process writes; whatever waits shares one transaction.

A sync costs as much for one delivery as for fifty. Jobs that share a transaction run in a savepoint
each, so that one that fails leaves the others alone; after a COMMIT that fails, all have failed. A
connection on which a commit failed is thrown away: after a failed fsync nobody knows what is on the disk.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine

from mailserver.store.checkpoints import Checkpoints
from mailserver.store.exclusion import Exclusion
from mailserver.store.failures import of_disk, translated
from mailserver.store.jobs import Job, settle
from mailserver.store.tx import Tx, finish

GROUP_LIMIT = 256


class GroupWriter:
    """The writing thread of a process."""

    def __init__(
        self,
        engine: Engine,
        exclusion: Exclusion,
        open_tx: Callable[[Connection, Job], Tx],
        announce: Callable[[], None],
        checkpoints: Checkpoints,
    ) -> None:
        """open_tx: makes a job's Tx. announce: called after a commit that wrote events."""
        self._engine = engine
        self._exclusion = exclusion
        self._open_tx = open_tx
        self._announce = announce
        self._checkpoints = checkpoints
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._conn: Connection | None = None
        self._thread = threading.Thread(target=self._loop, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a transaction must not open another one")
        self._queue.put(job)

    def close(self) -> None:
        """Finish what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        closing = False
        while not closing:
            first = self._queue.get()
            if first is None:
                break
            group = [first]
            events = False
            try:
                with self._exclusion:
                    closing = self._gather(group)
                    events = self._write(group)
            except BaseException as error:  # whatever it is, the callers must hear of it
                cause = of_disk(error) if isinstance(error, OSError) else translated(error)
                for job in group:
                    job.error = job.error or cause
            settle(group)
            if events:
                self._announce()
            self._checkpoints.note_commit()
        self._drop_connection()

    def _gather(self, group: list[Job]) -> bool:
        """Take whatever waits; True if the end of the queue was among it."""
        while len(group) < GROUP_LIMIT:
            try:
                job = self._queue.get_nowait()
            except Empty:
                return False
            if job is None:
                return True
            group.append(job)
        return False

    def _write(self, group: list[Job]) -> bool:
        """One transaction for the group; whether it wrote events. Raises when all have failed."""
        conn = self._connection()
        try:
            begun = conn.begin()
            alone = len(group) == 1
            txs = [tx for job in group if job.claim() and (tx := self._attempt(conn, job, alone))]
            if not txs:
                begun.rollback()
                return False
            events = finish(conn, txs)
            begun.commit()
        except BaseException:
            self._drop_connection()
            raise
        return events

    def _attempt(self, conn: Connection, job: Job, alone: bool) -> Tx | None:
        """Run one job; None if it failed. Then its savepoint was rolled back; one that is `alone` has none,
        and leaves it to the caller to undo the transaction."""
        driver: Any = conn.connection.driver_connection
        tx = self._open_tx(conn, job)
        if not alone:
            driver.execute("SAVEPOINT job")
        try:
            job.result = job.work(tx)
        except BaseException as error:
            job.error = translated(error)
            if not driver.in_transaction:  # SQLite gave up the whole transaction (disk full, I/O error)
                raise
            if not alone:
                driver.execute("ROLLBACK TO job")
                driver.execute("RELEASE job")
            return None
        if not alone:
            driver.execute("RELEASE job")
        return tx

    def _connection(self) -> Connection:
        if self._conn is None:
            self._conn = self._engine.connect()
        return self._conn

    def _drop_connection(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            with contextlib.suppress(Exception):
                conn.invalidate()
            with contextlib.suppress(Exception):
                conn.close()
