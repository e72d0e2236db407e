"""Lock the database from outside while mail comes in: who sends waits, is told 451 at last, and nothing is lost.

    python -m tests.faults.db_lock --holds 5 40 --connections 20
    python -m tests.faults.db_lock --holds 5 40 --database postgresql

A second process's BEGIN IMMEDIATE (SQLite), or LOCK TABLE on all tables (PostgreSQL), is held for so
many seconds. Prints one JSON line for each hold; exit status 1 if somebody waited longer than LONGEST_WAIT_S for an
answer, if anything but 250 and 451 was one, if a greeting took GREETING_S, or if a message was lost or made up.
"""

from __future__ import annotations

import argparse
import random
import socket
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import psycopg
from psycopg import sql

from tests.e2e.product import Product
from tests.faults.installed import PASSWORD, database_for, installed, with_fsck
from tests.faults.mailflow import Ledger, count, send_all
from tests.faults.meanwhile import meanwhile
from tests.faults.passing import Passing, ended, seconds_until

# The server waits 30 s; its answer may take a moment more.
LONGEST_WAIT_S = 31.0
GREETING_S = 1.0
# After the end of the lock.
RESUMES_S = 5.0
BETWEEN_GREETINGS_S = 0.1
DEADLINE_S = 120.0
MANY = 1_000_000
NAMES = ("khoa1", "khoa2", "khoa3", "khoa4", "khoa5")


@dataclass
class Greetings:
    """How long each greeting of the doors took, in seconds, while `watching`."""

    ports: tuple[int, ...]
    took: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        with meanwhile(self._watch):
            yield

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(BETWEEN_GREETINGS_S):
            for port in self.ports:
                begun = monotonic()
                with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as client:
                    assert client.recv(200)
                self.took.append(monotonic() - begun)


@contextmanager
def locked(product: Product) -> Iterator[None]:
    """The database, held by somebody else."""
    if not product.database:
        with closing(sqlite3.connect(product.data / "vanthu.sqlite3", isolation_level=None, timeout=60)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(product.database.replace("postgresql+psycopg", "postgresql")) as conn:
        while not _lock_all(conn):
            pass
        yield
        conn.rollback()


def _lock_all(conn: psycopg.Connection) -> bool:
    """False after a deadlock with a delivery: then nothing is locked."""
    found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    try:
        conn.execute(sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(sql.Identifier(row[0]) for row in found)))
    except psycopg.errors.DeadlockDetected:
        conn.rollback()
        return False
    return True


def run(top: Path, hold_s: float, connections: int = 20, database: str = "") -> dict[str, object]:
    """The whole procedure in `top`; returns its figures."""
    with installed(top, NAMES, database) as product:
        passing = procedure(product, hold_s, connections)
    return with_fsck(product, passing)


def procedure(product: Product, hold_s: float, connections: int, stretch: float = 1.0) -> Passing:
    """With a running installation that has NAMES and no mail for them."""
    logins = [f"{name}@{product.domain}" for name in NAMES]
    stop, wait = threading.Event(), threading.Event()
    greetings = Greetings((product.ports.smtp, product.ports.submission, product.ports.imap))
    at = ("127.0.0.1", product.ports.smtp)
    ledger, senders = send_all(f"{random.getrandbits(32):08x}", lambda: at, logins, range(MANY), connections, stop)
    try:
        assert seconds_until(lambda: len(ledger.acknowledged) >= 2 * connections, DEADLINE_S) < DEADLINE_S
        with locked(product), greetings.watching():
            wait.wait(hold_s)
        freed = monotonic()
        resumed = seconds_until(lambda: _taken_since(ledger, freed), DEADLINE_S, freed)
    finally:
        stop.set()
    for sender in senders:
        sender.join()
    account = count(ledger, ("127.0.0.1", product.ports.imap), logins, PASSWORD)
    passing = Passing(stretch)
    refused = {str(code): n for code, n in ledger.refused.items()}
    passing.tell(held_s=hold_s, acknowledged=len(ledger.acknowledged), refused=refused)
    passing.exactly(0, other_than_451=sum(n for code, n in ledger.refused.items() if code != 451))
    passing.exactly(0, broken_connections=len(ledger.unknown))
    passing.seconds(LONGEST_WAIT_S, longest_wait_s=max(end - begin for begin, end, _ in ledger.times))
    passing.seconds(GREETING_S, slowest_greeting_s=max(greetings.took))
    passing.seconds(RESUMES_S, delivers_after_s=resumed)
    passing.exactly(0, lost=len(account.lost), corrupt=len(account.corrupt), duplicates=len(account.duplicates))
    passing.exactly(0, ghosts=len(account.ghosts))
    passing.tell(greetings=len(greetings.took))
    return passing


def _taken_since(ledger: Ledger, since: float) -> bool:
    with ledger.lock:
        return any(code == 250 and begun >= since for begun, _, code in ledger.times[-500:])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--holds", type=float, nargs="+", default=[5.0, 40.0], help="seconds")
    options.add_argument("--connections", type=int, default=20)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    results = []
    for hold_s in chosen.holds:
        with tempfile.TemporaryDirectory(prefix="vanthu-lock-") as top, database_for(chosen.database) as database:
            results.append(run(Path(top), hold_s, chosen.connections, database))
    return ended(*results)


if __name__ == "__main__":
    sys.exit(main())
