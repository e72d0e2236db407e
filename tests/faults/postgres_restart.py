"""Restart PostgreSQL in the middle of deliveries and IDLE; the server must go on by itself.

    python -m tests.faults.postgres_restart --restarts 20

Prints one JSON line; exit status 1 if a message was lost or made up, if anything but 4xx was answered in between,
if deliveries or pushes came back later than RECONNECT_S after the database, or if a process of the server ended.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import random
import smtplib
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psycopg

from tests.e2e.product import Product
from tests.faults.idling import Idling
from tests.faults.installed import PASSWORD, installed, with_fsck
from tests.faults.mailflow import Ledger, count, make, send_all
from tests.faults.passing import Passing, ended, seconds_until
from tests.support.postgres import Cluster

MODES = ("immediate", "fast")
RECONNECT_S = 5.0
DEADLINE_S = 60.0
IDLERS = 6
NAMES = ("gui1", "gui2", "gui3", "gui4", "gui5")
WAITING = "cho"
MANY = 1_000_000
# Deliveries between two restarts.
BETWEEN = 40
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


@dataclass(frozen=True)
class Back:
    """What one restart cost, in seconds after the database took connections again.

    delivery: until the first transaction that began after it was acknowledged. listen: until as many processes
    LISTEN as before. push: from the 250 of a mail to the last of the idlers who were told of it.
    """

    delivery: float
    listen: float
    push: float


class Scene:
    """The running product, its senders, and people who wait for mail."""

    def __init__(self, product: Product, ledger: Ledger, idling: Idling) -> None:
        self.product, self.ledger, self.idling = product, ledger, idling
        self._conninfo = product.database.replace("postgresql+psycopg", "postgresql")
        self._listeners = self._count_listeners()
        self._probes = itertools.count()

    def restart(self, restart: Callable[[], None]) -> Back:
        enough = len(self.ledger.acknowledged) + BETWEEN
        assert seconds_until(lambda: len(self.ledger.acknowledged) >= enough, DEADLINE_S) < DEADLINE_S
        restart()
        since = monotonic()
        delivery = seconds_until(lambda: self._delivered_since(since), DEADLINE_S, since)
        listen = seconds_until(lambda: self._count_listeners() >= self._listeners, DEADLINE_S, since)
        return Back(delivery, listen, self._push())

    def _delivered_since(self, since: float) -> bool:
        with self.ledger.lock:
            return any(code == 250 and begun >= since for begun, _, code in self.ledger.times[-200:])

    def _count_listeners(self) -> int:
        with suppress(psycopg.OperationalError), psycopg.connect(self._conninfo) as conn:
            found = conn.execute(LISTENERS).fetchone()
            return int(found[0]) if found else 0
        return 0

    def _push(self) -> float:
        """Send to everybody who idles, and wait until all have heard of it."""
        before = [line.exists for line in self.idling.lines]
        to = self.idling.lines[0].login
        with smtplib.SMTP("127.0.0.1", self.product.ports.smtp, timeout=60) as client:
            client.sendmail("ngoai@example.net", [to], make("probe", next(self._probes), to), ["BODY=8BITMIME"])
        return seconds_until(
            lambda: all(line.exists > had for line, had in zip(self.idling.lines, before, strict=True)), DEADLINE_S
        )


def run(
    top: Path, database: str, restart: Callable[[str], None], modes: Sequence[str], connections: int
) -> dict[str, object]:
    """The whole procedure in `top`; returns its figures."""
    with installed(top, [*NAMES, WAITING], database) as product:
        passing = procedure(product, restart, modes, connections)
    return with_fsck(product, passing)


def procedure(
    product: Product, restart: Callable[[str], None], modes: Sequence[str], connections: int, stretch: float = 1.0
) -> Passing:
    """With a running installation that has NAMES and WAITING. restart: does it to the server of its database."""
    idling, stop = Idling(product.ports.imap, PASSWORD), threading.Event()
    logins = [f"{name}@{product.domain}" for name in NAMES]
    passing = Passing(stretch)
    try:
        idling.open([f"{WAITING}@{product.domain}"] * IDLERS)
        children = product.children()
        at = ("127.0.0.1", product.ports.smtp)
        tag = f"{random.getrandbits(32):08x}"
        ledger, senders = send_all(tag, lambda: at, logins, range(MANY), connections, stop)
        scene = Scene(product, ledger, idling)
        back = [scene.restart(functools.partial(restart, mode)) for mode in modes]
        stop.set()
        for sender in senders:
            sender.join()
        passing.exactly(True, same_processes=product.children() == children)
        passing.exactly(0, idlers_cut=sum(line.ended for line in idling.lines))
    finally:
        stop.set()
        idling.close()
    account = count(ledger, ("127.0.0.1", product.ports.imap), logins, PASSWORD)
    _judge(passing, ledger, back)
    in_doubt = [serial for serial in account.ghosts if serial in ledger.turned_away]
    passing.exactly(0, lost=len(account.lost), corrupt=len(account.corrupt), duplicates=len(account.duplicates))
    passing.exactly(0, ghosts=len(account.ghosts) - len(in_doubt))
    # Refused although its commit was done: the sender's next attempt makes it two.
    passing.tell(stored_although_refused=len(in_doubt))
    return passing


def _judge(passing: Passing, ledger: Ledger, back: Sequence[Back]) -> None:
    passing.tell(restarts=len(back), acknowledged=len(ledger.acknowledged))
    passing.tell(refused={str(code): n for code, n in ledger.refused.items()})
    passing.exactly(0, other_than_4xx=sum(n for code, n in ledger.refused.items() if not 400 <= code < 500))
    passing.exactly(0, broken_connections=len(ledger.unknown))
    passing.seconds(
        RECONNECT_S,
        delivers_after_s=max(one.delivery for one in back),
        listens_after_s=max(one.listen for one in back),
        push_s=max(one.push for one in back),
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--restarts", type=int, default=20)
    options.add_argument("--connections", type=int, default=8)
    chosen = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="vanthu-pg-") as top,
        Cluster.start() as cluster,
        cluster.fresh_database("template0") as database,
    ):
        modes = list(itertools.islice(itertools.cycle(MODES), chosen.restarts))
        result = run(Path(top), database, lambda mode: cluster.run("restart", "-m", mode), modes, chosen.connections)
    return ended(result)


if __name__ == "__main__":
    sys.exit(main())
