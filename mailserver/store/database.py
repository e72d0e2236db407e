"""Transactions: one writer discipline, group commit, events told after the commit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, make_url

from mailserver.actor import Actor
from mailserver.store import postgres, sqlite
from mailserver.store.behaviours import Behaviours
from mailserver.store.checkpoints import Checkpoints
from mailserver.store.exclusion import Exclusion
from mailserver.store.failures import lost_connection, translated, worth_retrying
from mailserver.store.group_commit import GroupWriter
from mailserver.store.jobs import WAIT_S, Job, settle
from mailserver.store.readers import KeptConnection, Read, Readers
from mailserver.store.room import Room
from mailserver.store.tx import Tx
from mailserver.store.wake import PACE_S, Wake, wake_for

__all__ = ["Database", "Tx"]

T = TypeVar("T")
# Threads for `aread`; `awrite` has its own on PostgreSQL, so that waiting for a lock stops no reader.
_READERS = {"sqlite": 4, "postgresql": postgres.POOL_SIZE}


class Database:
    """One database, SQLite or PostgreSQL, and the discipline of writing to it.

    Belongs to one process: open it after forking. `behaviours` may be assigned by the composition
    root until the first write.
    """

    def __init__(
        self,
        url: str,
        *,
        behaviours: Behaviours | None = None,
        data_dir: Path | None = None,
        wake: Wake | None = None,
        pace_s: float = PACE_S,
    ) -> None:
        """url: "sqlite:////path/to/file" or "postgresql+psycopg://…". data_dir: holds run/wake/ (SQLite;
        the database's folder if None). pace_s: seconds between two looks at the event log while commits come all
        the time; the first after a quiet time comes at once.

        Raises StoreUnavailable if the database cannot be opened or would not keep what it commits.
        """
        parsed = make_url(url)
        self.url = parsed
        self.dialect: str = parsed.get_backend_name()
        self.behaviours: Behaviours = behaviours if behaviours is not None else cast(Mapping[str, Any], {})
        self._listeners: list[Callable[[], None]] = []
        self._writer: GroupWriter | None = None
        self._checkpoints: Checkpoints | None = None
        self._exclusion: Exclusion | None = None
        if self.dialect == "sqlite":
            self.engine = sqlite.writing_engine(parsed)
            self._read_engine = sqlite.reading_engine(parsed)
        else:
            self.engine = postgres.engine_for(parsed)
            self._read_engine = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        try:
            self.check()
        except BaseException:
            self.engine.dispose()
            raise
        self.pace_s = pace_s
        self.wake: Wake = wake or wake_for(parsed, data_dir, pace_s)
        self.room = Room()  # PostgreSQL may be on any disk of any machine
        if self.dialect == "sqlite":
            file = sqlite.file_of(parsed)
            self._exclusion = Exclusion(file)
            self.room = Room(file.parent, wal=file.with_name(file.name + "-wal"))
            self._checkpoints = Checkpoints(self.engine, Exclusion(file), self.room)
            self.room.on_short(self._checkpoints.look)
            self._writer = GroupWriter(self.engine, self._exclusion, self._open_tx, self._announce, self._checkpoints)
        self._readers = Readers(_READERS[self.dialect], self._reading)
        self._writers = ThreadPoolExecutor(postgres.POOL_SIZE, thread_name_prefix="store-write")

    def check(self) -> list[str]:
        """The settings that make commits durable, as found. Raises StoreUnavailable if they do not."""
        verify = sqlite.verify if self.dialect == "sqlite" else postgres.verify
        try:
            with self.engine.connect() as conn:
                return verify(conn)
        except Exception as error:
            raise translated(error) from error

    def close(self) -> None:
        """Finish what is queued and let go of every connection."""
        if self._writer is not None:
            self._writer.close()
        if self._checkpoints is not None:
            self._checkpoints.close()
        if self._exclusion is not None:
            self._exclusion.close()
        self._readers.close()
        self._writers.shutdown()
        self.wake.close()
        self._read_engine.dispose()
        self.engine.dispose()

    def on_commit(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, in a writing thread, after each commit here that left events; returns the undoing."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def write(self, work: Callable[[Tx], T], actor: Actor) -> T:
        """Run `work` in a transaction of its own; returns after the commit is on disk."""
        job = Job(work, actor)
        if self._writer is not None:
            return cast(T, job.wait(self._writer.submit))
        return cast(T, postgres.run_write(self.engine, job, self._open_tx, self._announce))

    async def awrite(self, work: Callable[[Tx], T], actor: Actor) -> T:
        """As `write`, off the event loop, sharing one commit with concurrent callers (group commit)."""
        submit = self._submit_to_thread if self._writer is None else self._writer.submit
        return cast(T, await Job(work, actor).await_(submit))

    def _submit_to_thread(self, job: Job) -> None:
        """PostgreSQL: each job is a transaction of its own."""
        self._writers.submit(self._perform, job)

    def _perform(self, job: Job) -> None:
        if not job.claim():
            return
        try:
            job.result = postgres.run_write(self.engine, job, self._open_tx, self._announce)
        except BaseException as error:  # whatever it is, the caller must hear of it
            job.error = error
        settle([job])

    def read(self, work: Callable[[Connection], T], patience: float = WAIT_S) -> T:
        """Run `work` on a read-only snapshot. Raises StoreUnavailable if the database is away.

        patience: seconds for a lock that keeps readers out (PostgreSQL).
        """
        try:
            return self._read(work, patience)
        except Exception as error:
            if not (lost_connection(error) or worth_retrying(error)):
                raise translated(error) from error
        try:  # the pool held connections to a server that has restarted since, or a deadlock; a read may run twice
            return self._read(work, patience)
        except Exception as error:
            raise translated(error) from error

    async def aread(self, work: Callable[[Connection], T]) -> T:
        """As `read`, in a worker thread."""
        return await self._readers.read(work)

    def _read(self, work: Callable[[Connection], T], patience: float) -> T:
        engine: Engine = self._read_engine
        with engine.connect() as conn, conn.begin():
            try:
                if self.dialect == "postgresql":
                    postgres.bound_waits(conn, patience)
                return work(conn)
            except BaseException as error:
                if lost_connection(error):
                    conn.invalidate()
                raise

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Read]:
        """How one of the reading threads reads."""
        if self.dialect != "sqlite":
            yield self.read
            return
        kept = KeptConnection(self._read_engine)

        def read(work: Callable[[Connection], T], _patience: float) -> T:
            try:
                return kept.read(work)
            except Exception as error:
                raise translated(error) from error

        try:
            yield read
        finally:
            kept.close()

    def _open_tx(self, conn: Connection, job: Job) -> Tx:
        return Tx(conn, job.actor, datetime.now(UTC), self.behaviours)

    def _announce(self) -> None:
        """Never raises: a listener's fault is not the writer's."""
        for listener in tuple(self._listeners):
            with contextlib.suppress(Exception):
                listener()
        self.wake.announce()
