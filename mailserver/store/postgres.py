"""PostgreSQL as this product uses it: short transactions that survive deadlocks and restarts of the server."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine

from mailserver.store.errors import StoreUnavailable
from mailserver.store.failures import lost_connection, translated, worth_retrying
from mailserver.store.jobs import WAIT_S, Job
from mailserver.store.tx import Tx, finish

POOL_SIZE = 8
_ATTEMPTS = 6
_PAUSE_S = 0.05
# Waiting less than this for a thread is not worth a statement.
_SLACK_S = 1.0


def engine_for(url: URL) -> Engine:
    """A pool of connections; the server's and the client's waits for a lock are bounded."""
    options = f"-c lock_timeout={int(WAIT_S * 1000)} -c synchronous_commit=on -c timezone=UTC"
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=WAIT_S,
        connect_args={"options": options, "connect_timeout": 10},
    )


def verify(conn: Connection) -> list[str]:
    """Raise StoreUnavailable unless commits are synced; the settings found, for the health page."""
    found = {name: conn.exec_driver_sql(f"SHOW {name}").scalar() for name in ("synchronous_commit", "fsync")}
    if found["synchronous_commit"] == "off":
        raise StoreUnavailable("PostgreSQL is not durable here: synchronous_commit is off")
    return [f"{name} = {value}" for name, value in found.items()]


def bound_waits(conn: Connection, patience: float) -> None:
    """Wait at most `patience` seconds for each lock in this transaction, if that is less than the usual.

    Whoever waited for a free thread has so much less time left for locks: its peer counts both.
    """
    if patience < WAIT_S - _SLACK_S:
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(patience * 1000))}")


def run_write(engine: Engine, job: Job, open_tx: Callable[[Connection, Job], Tx], announce: Callable[[], None]) -> Any:
    """One transaction for one job; once more after a deadlock or a connection found dead.

    A connection that dies during COMMIT is not tried again: the work may have been done. Raises
    StoreUnavailable then, and when the server does not come back.
    """
    for attempt in range(_ATTEMPTS):
        committing = False
        try:
            with engine.connect() as conn:
                begun = conn.begin()
                try:
                    bound_waits(conn, job.patience)
                    tx = open_tx(conn, job)
                    result = job.work(tx)
                    events = finish(conn, (tx,))
                    committing = True
                    begun.commit()
                except BaseException as error:
                    if lost_connection(error):
                        conn.invalidate()
                    raise
        except BaseException as error:
            again = worth_retrying(error) or (lost_connection(error) and not committing)
            if again and attempt + 1 < _ATTEMPTS:
                time.sleep(random.uniform(0, _PAUSE_S * attempt))  # so that two do not meet again
                continue
            raise translated(error) from error
        if events:
            announce()
        return result
    raise AssertionError("the last attempt returns or raises")
