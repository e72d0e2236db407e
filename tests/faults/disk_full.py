"""Fill the disk of the data with mail, work on it while it is full, make room, go on.

    python -m tests.faults.disk_full --size-mb 64        (root: it mounts a tmpfs)

The data, SQLite's file and its WAL, the blobs, the files of messages coming in and the log of the server lie on
one tmpfs. Three stages: mail until it is refused, with the reserve still free; then not one free octet, as when
another program has filled the disk; then room again. Exit status 1 if a pass figure is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import imaplib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from mailserver.store.room import PROMISED_S
from tests.e2e.product import Product
from tests.faults.kill_any import PASSWORD, people
from tests.faults.mailflow import SERIAL, Ledger, count, deliver
from tests.faults.meanwhile import meanwhile
from tests.faults.report import Report
from tests.faults.sending import attachment, connect, text

RESERVE = 0.05
# Messages tried while the disk is full, and how many each refusal may be.
TRIES = 40
# Refusals after which the disk is full, with pauses: what others were promised, or the WAL held, may come free.
IN_A_ROW = 12
RECOVERY_S = 10.0
SAFE = {451, 452}
IMAP = ("LOGIN", "SELECT", "FETCH", "STORE", "MOVE", "EXPUNGE", "LOGOUT")


@contextlib.contextmanager
def small_disk(at: Path, octets: int) -> Iterator[None]:
    """A tmpfs of so many octets at `at`. Raises CalledProcessError where mounting is not permitted."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={octets}", "tmpfs", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def free(at: Path) -> int:
    disk = os.statvfs(at)
    return disk.f_bavail * disk.f_frsize


class Run:
    """One installation on one small disk."""

    def __init__(self, disk: Path, users: int, size: int, report: Report, reserve: float) -> None:
        self.disk, self.size, self.report, self.reserve = disk, size, report, reserve
        self.product = Product(disk)
        self.ledger = Ledger()
        self.logins = [f"{name}@{self.product.domain}" for name in people(users)]
        self.tag = f"{random.getrandbits(32):08x}"
        self.number = 0
        self.expunged: set[str] = set()
        self.ballast = disk / "ballast"

    def send(self, times: int, until_refused: bool = False) -> Counter[int]:
        """Send messages of 100 kB one after the other; the codes of refusals."""
        before = Counter(self.ledger.refused)
        client, refusals, refused, pause = connect(self.product), 0, before.total(), threading.Event()
        for _ in range(times):
            self.number += 1
            to = self.logins[self.number % len(self.logins)]
            data = (text if self.number % 2 else attachment)(self.tag, self.number, to)
            client = client or connect(self.product)
            client = deliver(client, self.ledger, f"{self.tag}.{self.number}", to, data)
            refusals = refusals + 1 if self.ledger.refused.total() > refused else 0
            refused = self.ledger.refused.total()
            if until_refused and refusals == IN_A_ROW:
                break
            if until_refused and refusals:
                pause.wait(PROMISED_S / 4)
        if client is not None:
            client.close()
        return self.ledger.refused - before

    def fill_by_mail(self) -> None:
        """Send until only refusals come."""
        lowest = [free(self.disk)]

        def watch(done: threading.Event) -> None:
            while not done.wait(0.01):
                lowest[0] = min(lowest[0], free(self.disk))

        with meanwhile(watch):
            refused = self.send(100_000, until_refused=True)
            self.report.note("messages until only refusals came", len(self.ledger.acknowledged))
            refused += self.send(TRIES)
        self.judge("refusals with the reserve left", refused)
        self.report.require("refused while full", refused.total(), refused.total() >= IN_A_ROW, f">= {IN_A_ROW}")
        share = lowest[0] / self.size
        self.report.require(
            "least free while mail came, share", round(share, 4), share >= self.reserve, f">= {self.reserve}"
        )

    def judge(self, name: str, refused: Counter[int]) -> None:
        self.report.require(name, dict(refused), set(refused) <= SAFE, "451 or 452 only")

    def use_imap(self, login: str, victims: int = 0) -> dict[str, bool]:
        """Sign in, read, flag, move, delete; which of them were answered OK."""
        went: dict[str, bool] = dict.fromkeys(IMAP, False)
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            client = imaplib.IMAP4("127.0.0.1", self.product.ports.imap, timeout=60)
            went["LOGIN"] = client.login(login, PASSWORD)[0] == "OK"
            went["SELECT"] = client.select("INBOX")[0] == "OK"
            status, answer = client.fetch("1:*", "(UID BODY.PEEK[])")
            bodies = [item[1] for item in answer if isinstance(item, tuple)]
            went["FETCH"] = status == "OK" and all(SERIAL.search(body) for body in bodies)
            went["STORE"] = client.store("1:*", "+FLAGS.SILENT", r"(\Seen)")[0] == "OK"
            if victims:
                went["MOVE"] = client._simple_command("MOVE", "1", "Trash")[0] == "OK"
                client.noop()
                client.store(f"1:{victims}", "+FLAGS.SILENT", r"(\Deleted)")
                went["EXPUNGE"] = client.expunge()[0] == "OK"
                gone = bodies[: victims + 1] if went["EXPUNGE"] else bodies[:1] if went["MOVE"] else []
                self.expunged |= {match[1].decode() for body in gone if (match := SERIAL.search(body))}
            went["LOGOUT"] = client.logout()[0] == "BYE"
        return went

    def append(self, octets: int) -> str:
        """Put a message into a mailbox by IMAP; "OK", the code of the NO, or what broke."""
        try:
            client = imaplib.IMAP4("127.0.0.1", self.product.ports.imap, timeout=60)
            client.login(self.logins[0], PASSWORD)
            status, answer = client.append("Trash", "", "", attachment(self.tag, 10**9, self.logins[0], octets))
            client.logout()
        except (OSError, imaplib.IMAP4.error) as error:
            return f"broken: {error!r}"
        return status if status == "OK" else answer[0].decode().partition("]")[0]

    def work_while_full(self) -> None:
        """Everybody reads, flags, moves and deletes with the reserve left."""
        for login in self.logins:
            went = self.use_imap(login, victims=8)
            self.report.require("IMAP while full", went, all(went.values()), "all OK")
        self.append_while_full("full")
        self.report.require("healthz while full", self.healthz(), self.healthz().startswith("200"), "200")

    def append_while_full(self, when: str) -> None:
        said = [self.append(octets) for octets in (70_000, 2_000_000)]
        polite = all(word.startswith(("[OVERQUOTA", "[UNAVAILABLE", "OK")) for word in said)
        self.report.require(f"APPEND, small and large, {when}", said, polite, "NO [OVERQUOTA]; OK if it fits")

    def nothing_left(self) -> None:
        """Not one octet: mail is refused temporarily, reading goes on, and nothing breaks."""
        with contextlib.suppress(OSError), self.ballast.open("wb") as out:
            while True:
                out.write(bytes(65536))
                out.flush()
        with contextlib.suppress(OSError), (self.disk / "rest").open("wb", buffering=0) as out:
            while True:
                out.write(bytes(512))
        self.report.note("octets free with nothing left", free(self.disk))
        self.judge("refusals with nothing left", self.send(TRIES))
        self.append_while_full("with nothing left")
        went = self.use_imap(self.logins[0])
        reading = {name: went[name] for name in ("LOGIN", "SELECT", "FETCH", "LOGOUT")}
        self.report.require("IMAP reading with nothing left", reading, all(reading.values()), "all OK")

    def room_again(self, before: list[int]) -> None:
        for name in ("ballast", "rest"):
            (self.disk / name).unlink()
        began = time.monotonic()
        acknowledged = len(self.ledger.acknowledged)
        wait = threading.Event()
        while len(self.ledger.acknowledged) == acknowledged and time.monotonic() < began + 6 * RECOVERY_S:
            self.send(1)
            wait.wait(0.05)
        took = round(time.monotonic() - began, 2)
        self.report.require("recovery, s", took, took <= RECOVERY_S, f"<= {RECOVERY_S}")
        self.send(5)
        went = self.use_imap(self.logins[0], victims=2)
        self.report.require("IMAP after recovery", went, all(went.values()), "all OK")
        self.report.require(
            "same processes", self.product.children() == before, self.product.children() == before, "True"
        )

    def settle(self) -> None:
        account = count(self.ledger, ("127.0.0.1", self.product.ports.imap), self.logins, PASSWORD)
        lost = sorted(set(account.lost) - self.expunged)
        self.report.note("acknowledged", len(self.ledger.acknowledged))
        self.report.note("deleted by IMAP", len(self.expunged))
        self.report.require("lost", lost[:9], not lost, "none")
        wrong = account.corrupt + account.duplicates + account.ghosts
        self.report.require("corrupt, double, made up", wrong[:9], not wrong, "none")
        unknown = sorted(self.ledger.unknown)
        self.report.require("broken connections", unknown[:9], not unknown, "none")

    def healthz(self) -> str:
        try:
            with urlopen(f"http://127.0.0.1:{self.product.ports.web}/healthz", timeout=30) as answer:
                return f"{answer.status} {answer.read().decode().strip()}"
        except URLError as error:
            return str(error)


def run(top: Path, size: int, users: int = 4, reserve: float = RESERVE) -> Report:
    """The whole procedure on a disk of `size` octets mounted in `top`. reserve: the share that has to stay free."""
    report = Report("disk full")
    with small_disk(top / "disk", size):
        one = Run(top / "disk", users, size, report, reserve)
        one.product.init()
        one.product.add_users(people(users), PASSWORD)
        # What an administrator can take away later.
        one.ballast.write_bytes(bytes(size // 4))
        one.product.start()
        try:
            before = one.product.children()
            stages: tuple[Callable[[], None], ...] = (one.fill_by_mail, one.work_while_full, one.nothing_left)
            for stage in stages:
                stage()
            one.room_again(before)
            one.settle()
        finally:
            one.product.stop()
        said = one.product.command("fsck").strip()[-300:]
        report.note("fsck", said)
    return report


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size-mb", type=int, default=64)
    options.add_argument("--users", type=int, default=4)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-full-") as top:
        return run(Path(top), chosen.size_mb * 1024 * 1024, chosen.users).tell()


if __name__ == "__main__":
    sys.exit(main())
