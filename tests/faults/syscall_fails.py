"""Let the n-th fsync, fdatasync, rename, pwrite64 or mkdir fail while one message is delivered, for every n.

    python -m tests.faults.syscall_fails --most 200        (strace, and the right to trace: root or the same user)

The mail process is traced around one delivery at a time (strace counts calls for each thread); the loop over n ends
where a delivery has no n-th call any more. Exit status 1 if a pass figure is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import select
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.e2e.product import Product
from tests.faults import processes
from tests.faults.kill_any import PASSWORD, people
from tests.faults.mailflow import Ledger, count, deliver
from tests.faults.report import Report
from tests.faults.sending import attachment, connect

CALLS = ("fsync", "fdatasync", "rename", "pwrite64", "mkdir")
ERRORS = ("ENOSPC", "EIO")
# After as many n without a call that could fail, a delivery has no more of them.
UNREACHED = 2
ATTACH_S = 30.0
# What a delivery syncs; a file that is synced beside it (the database, by the thread that moves the WAL) is not its.
OWN_SYNC = re.compile(r"\b(?:fsync|fdatasync)\(\d+<[^>]*(?:-wal|/blobs[^>]*)>.*\(INJECTED\)")
AGAIN_S = 30.0


@contextlib.contextmanager
def failing(pid: int, call: str, error: str, when: str, log: Path) -> Iterator[None]:
    """While inside, the call of that number fails in each thread of the process."""
    words = ["strace", "-f", "-y", "-p", str(pid), "-o", str(log), "-e", f"trace={call}"]
    tracer = subprocess.Popen(
        [*words, "-e", f"inject={call}:error={error}:when={when}"], stderr=subprocess.PIPE, text=True
    )
    assert tracer.stderr is not None
    try:
        readable, _, _ = select.select([tracer.stderr], [], [], ATTACH_S)
        said = tracer.stderr.readline() if readable else "nothing"
        if "attached" not in said:
            raise RuntimeError(f"strace: {said}")
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=ATTACH_S)


def tracing_works() -> bool:
    """Whether this machine lets us trace a process of our own."""
    with tempfile.TemporaryDirectory() as name, subprocess.Popen(["sleep", "60"]) as victim:
        try:
            with failing(victim.pid, "fsync", "EIO", "1", Path(name) / "log"):
                return True
        except (RuntimeError, OSError):
            return False
        finally:
            victim.kill()


class Run:
    """One installation with one mail process, and what it was made to suffer."""

    def __init__(self, top: Path, report: Report) -> None:
        self.top, self.report = top, report
        self.product = Product(top)
        settings = self.product.config.read_text(encoding="utf-8") + "\n[processes]\nmail = 1\n"
        self.product.config.write_text(settings, encoding="utf-8")
        self.ledger = Ledger()
        self.login = f"{people(1)[0]}@{self.product.domain}"
        self.tag = f"{random.getrandbits(32):08x}"
        self.number = 0
        self.injected: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    def send(self) -> str:
        """Deliver the next message on a connection of its own; "250", the code of a refusal, or "broken"."""
        self.number += 1
        data, serial = attachment(self.tag, self.number, self.login), f"{self.tag}.{self.number}"
        refused = Counter(self.ledger.refused)
        try:
            client = connect(self.product)
        except (OSError, smtplib.SMTPException):
            return "no connection"
        if (left := deliver(client, self.ledger, serial, self.login, data)) is not None:
            left.close()
        if serial in self.ledger.acknowledged:
            return "250"
        codes = self.ledger.refused - refused
        return str(next(iter(codes))) if codes else "broken"

    def suffer(self, call: str, error: str, when: str) -> bool:
        """One delivery with that fault, and one without; whether the fault was met."""
        log = self.top / "trace"
        pid = processes.named(self.product, "mail")[0]
        with failing(pid, call, error, when, log):
            answer = self.send()
        traced = log.read_text(encoding="utf-8", errors="replace")
        met = "(INJECTED)" in traced
        name = f"{call} {error} n={when}"
        if met:
            self.injected[f"{call} {error}"] += 1
            self.answers[answer] += 1
        fine = answer == "250" or answer.startswith("4")
        self.report.require("answers", f"{name}: {answer}" if not fine else "250 or 4xx", fine, "250 or 4xx")
        promised = answer == "250" and OWN_SYNC.search(traced) is not None
        said = f"{name}: 250" if promised else "none"
        self.report.require("250 after a failed sync", said, not promised, "none")
        self.serve_again(name)
        return met

    def serve_again(self, name: str) -> None:
        """The next message is taken, by this process or the one that the supervisor put in its place."""
        wait, deadline = threading.Event(), time.monotonic() + AGAIN_S
        while (answer := self.send()) != "250" and time.monotonic() < deadline:
            wait.wait(0.1)
        said = "yes" if answer == "250" else f"not after {name}: {answer}"
        self.report.require("serves afterwards", said, answer == "250", "yes")

    def settle(self) -> None:
        account = count(self.ledger, ("127.0.0.1", self.product.ports.imap), [self.login], PASSWORD)
        self.report.note("faults met", dict(self.injected))
        self.report.note("answers to them", dict(self.answers))
        self.report.note("acknowledged", len(self.ledger.acknowledged))
        for name in ("lost", "corrupt", "duplicates"):
            found: list[str] = getattr(account, name)
            self.report.require(name, found[:9], not found, "none")
        self.report.require("refused, and there all the same", account.ghosts[:9], not account.ghosts, "none")


def run(top: Path, most: int, calls: Sequence[str] = CALLS, errors: Sequence[str] = ERRORS, step: int = 1) -> Report:
    """The whole procedure in `top`. most: the highest n; step: between two n, for short runs."""
    report = Report("n-th system call fails")
    one = Run(top, report)
    one.product.init()
    one.product.add_users(people(1), PASSWORD)
    one.product.start()
    try:
        before = one.product.children()
        report.require("a delivery without faults", answer := one.send(), answer == "250", "250")
        for call in calls:
            for error in errors:
                missing = 0
                for number in range(1, most + 1, step):
                    missing = 0 if one.suffer(call, error, str(number)) else missing + 1
                    if missing == UNREACHED:
                        break
                one.suffer(call, error, "1+")
        report.note("processes replaced", len(set(before) - set(one.product.children())))
        one.settle()
    finally:
        one.product.stop()
    report.note("fsck", one.product.command("fsck").strip()[-200:])
    return report


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=200)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-syscall-") as top:
        return run(Path(top), chosen.most).tell()


if __name__ == "__main__":
    sys.exit(main())
