"""What each of many hostile connections costs in memory, and a server in a small cgroup that they attack together.

    python -m tests.faults.memory --connections 200 --limit-mb 640        (root for the cgroup, v1)

Exit status 1 if a pass figure is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.e2e.product import Product
from tests.faults import processes
from tests.faults.kill_any import PASSWORD, people
from tests.faults.mailflow import Ledger, count, deliver
from tests.faults.report import Report
from tests.faults.sending import attachment, connect
from tests.faults.wire import Wire, begin, of

KIB, MIB = 1024, 1024 * 1024
PER_IDLE, PER_DATA = 256 * KIB, MIB
IN_DATA = 2 * MIB
LARGE = 7 * MIB  # octets of an attachment: 10 MB with base64
SETTLED = 64 * KIB
LOOKS = 600
CGROUPS = Path("/sys/fs/cgroup/memory")

Hold = Callable[["Run"], Wire]


class Run:
    """One installation with a large message in its mailbox."""

    def __init__(self, product: Product, report: Report) -> None:
        self.product, self.report = product, report
        self.ledger = Ledger()
        self.tag = f"{random.getrandbits(32):08x}"
        self.login = f"{people(1)[0]}@{product.domain}"

    def deliver(self, number: int, octets: int) -> None:
        data = attachment(self.tag, number, self.login, octets)
        if (left := deliver(connect(self.product), self.ledger, f"{self.tag}.{number}", self.login, data)) is not None:
            left.close()

    def memory(self) -> int:
        """Octets that the mail processes have to themselves."""
        return sum(processes.private(pid) for pid in processes.named(self.product, "mail"))

    def cost_of(self, hold: Hold, connections: int) -> tuple[list[Wire], int]:
        """Open so many connections, each made to hold what it can; with them, octets for each."""
        before = self.memory()
        held = [hold(self) for _ in range(connections)]
        wait, seen = threading.Event(), -1
        for _ in range(LOOKS):  # until it grows no more
            now = self.memory()
            if abs(now - seen) < SETTLED:
                break
            seen = now
            wait.wait(0.5)
        return held, (self.memory() - before) // connections


def in_data(run: Run) -> Wire:
    wire = Wire(run.product.ports.smtp)
    begin(wire, run.login)
    wire.say(b"DATA")
    wire.pour(of(IN_DATA, (b"y" * 98 + b"\r\n") * 2000))
    return wire


def in_literal(run: Run) -> Wire:
    wire = Wire(run.product.ports.imap)
    wire.line()
    wire.send(b"a LOGIN {8000+}\r\n" + b"x" * 7999)
    return wire


def idling(run: Run) -> Wire:
    wire = signed_in(run)
    wire.send(b"b IDLE\r\n")
    wire.line()
    return wire


def unread(run: Run) -> Wire:
    wire = signed_in(run)
    wire.send(b"b FETCH 1:* BODY.PEEK[]\r\n" * 3)
    return wire


def signed_in(run: Run) -> Wire:
    wire = Wire(run.product.ports.imap)
    wire.line()
    wire.tagged(b'LOGIN %s "%s"' % (run.login.encode(), PASSWORD.encode()))
    wire.tagged(b"SELECT INBOX")
    return wire


HOLDS: dict[str, tuple[Hold, int]] = {
    "signed in, IDLE": (idling, PER_IDLE),
    "literal before LOGIN": (in_literal, PER_IDLE),
    "in DATA with 2 MiB sent": (in_data, PER_DATA),
    "10 MB FETCH not read": (unread, PER_DATA),
}


@contextlib.contextmanager
def installed(top: Path, report: Report, cgroup: Path | None = None) -> Iterator[Run]:
    """A running product, every process of it in the cgroup."""
    product = Product(top)
    product.init()
    product.add_users(people(1), PASSWORD)
    if cgroup:
        product.wrapper = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(cgroup / "cgroup.procs")]
    product.start()
    try:
        yield Run(product, report)
    finally:
        product.stop()


def per_connection(run: Run, connections: int, kinds: Sequence[str] = tuple(HOLDS)) -> None:
    """Each kind of connection, so many at a time."""
    run.deliver(1, LARGE)
    signed_in(run).sock.close()
    for name in kinds:
        hold, limit = HOLDS[name]
        held, each = run.cost_of(hold, connections)
        run.report.require(f"{name}: KiB each", each // KIB, each <= limit, f"<= {limit // KIB}")
        for wire in held:
            wire.sock.close()


@contextlib.contextmanager
def small_cgroup(octets: int) -> Iterator[Path]:
    """A cgroup that may hold so much, page cache and tmpfs included. Raises OSError where it cannot be made."""
    path = CGROUPS / f"vanthu-{os.getpid()}"
    path.mkdir()
    try:
        (path / "memory.limit_in_bytes").write_text(str(octets), encoding="ascii")
        yield path
    finally:
        wait = threading.Event()
        for _ in range(LOOKS):
            with contextlib.suppress(OSError):
                path.rmdir()
                break
            wait.wait(0.1)


def cgroups_work() -> bool:
    try:
        with small_cgroup(64 * MIB):
            return True
    except OSError:
        return False


def oom_kills(cgroup: Path) -> int:
    words = (cgroup / "memory.oom_control").read_text(encoding="ascii").split()
    return int(words[words.index("oom_kill") + 1])


def all_together(top: Path, connections: int, limit: int, report: Report, messages: int = 20) -> None:
    """Every kind of hostile connection at the same time, and large messages delivered meanwhile, in a small cgroup."""
    with small_cgroup(limit) as cgroup, installed(top, report, cgroup) as run:
        before = run.product.children()
        run.deliver(1, LARGE)
        held = [hold(run) for hold, _ in HOLDS.values() for _ in range(connections // len(HOLDS))]
        numbers = range(2, messages + 2)
        senders = [threading.Thread(target=run.deliver, args=(number, LARGE)) for number in numbers]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        for wire in held:
            wire.sock.close()
        peak = int((cgroup / "memory.max_usage_in_bytes").read_text(encoding="ascii"))
        report.note(f"most used of {limit // MIB} MiB, page cache included", peak // MIB)
        report.require("killed for memory", oom_kills(cgroup), oom_kills(cgroup) == 0, "0")
        same = run.product.children() == before
        report.require("same processes", same, same, "True")
        refused = dict(run.ledger.refused)
        report.require("refusals under pressure", refused, all(400 <= code < 500 for code in refused), "4xx only")
        report.note("acknowledged under pressure", len(run.ledger.acknowledged))
        account = count(run.ledger, ("127.0.0.1", run.product.ports.imap), [run.login], PASSWORD)
        report.require("lost, corrupt, double", account.lost[:9], account.clean, "none")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--connections", type=int, default=200)
    options.add_argument("--limit-mb", type=int, default=640)
    chosen = options.parse_args()
    report = Report("memory")
    with tempfile.TemporaryDirectory(prefix="vanthu-memory-") as top, installed(Path(top), report) as run:
        per_connection(run, chosen.connections)
    with tempfile.TemporaryDirectory(prefix="vanthu-memory-") as top:
        all_together(Path(top), chosen.connections, chosen.limit_mb * MIB, report)
    return report.tell()


if __name__ == "__main__":
    sys.exit(main())
