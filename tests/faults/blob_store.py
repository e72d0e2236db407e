"""Let the object store answer 500, hang, or hang up in the middle of a PUT, while mail comes in.

    python -m tests.faults.blob_store --senders 20

The product's blobs lie in an S3 store of our own (`s3stub`). Prints one JSON line for each kind of failure; exit status
1 if a sender of large mail was not told 451 within LONGEST_WAIT_S, if small mail or a sign-in waited meanwhile, if a
refused message left a row, if a message that had its 250 is lost, or if large mail is not taken again in RESUMES_S.
"""

from __future__ import annotations

import argparse
import imaplib
import random
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from sqlalchemy import create_engine, text

from tests.e2e.product import Product
from tests.faults.installed import PASSWORD, database_for, with_fsck
from tests.faults.mailflow import count, send_all
from tests.faults.passing import Passing, ended, seconds_until
from tests.faults.s3stub import Mood, S3Stub

NAMES = ("lon", "nho")
LONGEST_WAIT_S = 30.0
SMALL_S = 2.0
LOGIN_S = 2.0
RESUMES_S = 10.0
DEADLINE_S = 120.0
SMALL_SENDERS = 3
MOODS = (Mood.ERROR, Mood.CUT, Mood.HANG)
# `mailflow.make`: every fourth has an attachment that becomes a blob, every fourth is tiny.
LARGE, SMALL = range(2, 4_000_000, 4), range(0, 4_000_000, 4)


class Flow:
    """Senders of one kind of mail to one person."""

    def __init__(self, product: Product, name: str, numbers: range, senders: int) -> None:
        self.login = f"{name}@{product.domain}"
        self._stop = threading.Event()
        at = ("127.0.0.1", product.ports.smtp)
        tag = f"{random.getrandbits(32):08x}{name}"
        self.ledger, self._threads = send_all(tag, lambda: at, [self.login], numbers, senders, self._stop)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def since(self, begun: float) -> list[tuple[float, int]]:
        """Seconds and code of every transaction that has begun since then and ended."""
        with self.ledger.lock:
            return [(end - begin, code) for begin, end, code in self.ledger.times if begin >= begun]


def one_failure(
    product: Product, stub: S3Stub, mood: Mood, large: Flow, small: Flow, senders: int, stretch: float
) -> Passing:
    begun, passing = monotonic(), Passing(stretch)
    stub.mood = mood
    logins = []
    # Who was in a transaction when it began to fail may still have got 250.
    while sum(code == 451 for _, code in large.since(begun)) < senders and monotonic() - begun < DEADLINE_S:
        logins.append(_login_s(product, small.login))
    passing.tell(failure=mood.value, large={str(code): _count(large.since(begun), code) for code in (250, 451)})
    passing.at_least(senders, large_refused=_count(large.since(begun), 451))
    passing.exactly([], other_answers=sorted({code for _, code in large.since(begun)} - {250, 451}))
    passing.seconds(LONGEST_WAIT_S, longest_wait_s=max((took for took, _ in large.since(begun)), default=0.0))
    passing.exactly([250], answers_to_small=sorted({code for _, code in small.since(begun)}))
    passing.seconds(SMALL_S, slowest_small_s=max((took for took, _ in small.since(begun)), default=0.0))
    passing.seconds(LOGIN_S, slowest_login_s=max(logins))
    well = monotonic()
    stub.mood = Mood.WELL
    taken = seconds_until(lambda: _count(large.since(well), 250) > 0, DEADLINE_S, well)
    passing.seconds(RESUMES_S, takes_large_after_s=taken)
    return passing


def _count(found: Sequence[tuple[float, int]], code: int) -> int:
    return sum(one == code for _, one in found)


def _login_s(product: Product, login: str) -> float:
    """Seconds to sign in by IMAP and open INBOX."""
    begun = monotonic()
    with imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=DEADLINE_S) as client:
        client.login(login, PASSWORD)
        client.select("INBOX", readonly=True)
        return monotonic() - begun


def rows(product: Product) -> int:
    """Messages in the database."""
    engine = create_engine(product.database or f"sqlite:///{product.data / 'vanthu.sqlite3'}")
    with engine.connect() as conn:
        found = int(conn.execute(text("SELECT count(*) FROM message")).scalar_one())
    engine.dispose()
    return found


def run(
    top: Path, senders: int, moods: Sequence[Mood] = MOODS, database: str = "", stretch: float = 1.0
) -> list[Passing]:
    """The whole procedure in `top`; its figures for each mood, and at the end those of the count."""
    with S3Stub.running() as stub:
        product = Product(top, database=database)
        with product.config.open("a", encoding="utf-8") as config:
            config.write("" if database else "\n[store]\n")
            config.write('blobs = "s3://thu/blobs"\n')
        product.environment = stub.environment
        product.init()
        product.add_users(NAMES, PASSWORD)
        before = rows(product)
        product.start()
        try:
            large, small = Flow(product, "lon", LARGE, senders), Flow(product, "nho", SMALL, SMALL_SENDERS)
            try:
                assert seconds_until(lambda: len(large.ledger.acknowledged) >= senders, DEADLINE_S) < DEADLINE_S
                found = []
                for mood in moods:
                    found.append(one_failure(product, stub, mood, large, small, senders, stretch))
            finally:
                large.stop()
                small.stop()
            last = Passing(stretch)
            for flow in (large, small):
                account = count(flow.ledger, ("127.0.0.1", product.ports.imap), [flow.login], PASSWORD)
                last.exactly(
                    [], **{f"wrong_{flow.login.split('@')[0]}": account.lost + account.corrupt + account.ghosts}
                )
        finally:
            product.stop()
        acknowledged = len(large.ledger.acknowledged) + len(small.ledger.acknowledged)
        last.exactly(before + acknowledged, rows=rows(product))
        with_fsck(product, last)
    return [*found, last]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--senders", type=int, default=20, help="of large mail")
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-s3-") as top, database_for(chosen.database) as database:
        return ended(*(one.result for one in run(Path(top), chosen.senders, database=database)))


if __name__ == "__main__":
    sys.exit(main())
