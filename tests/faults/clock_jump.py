"""Move the clock of the running product a day ahead and back, ten years ahead, an hour back, while it works.

    python -m tests.faults.clock_jump        (libfaketime)

Meanwhile somebody idles, mail waits for a smarthost that says "later", somebody is signed in on the web and
somebody guesses passwords. Exit status 1 if a pass figure is missed.
"""

from __future__ import annotations

import argparse
import imaplib
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.product import Product
from tests.e2e.webvisitor import WebVisitor
from tests.faults import processes
from tests.faults.kill_any import PASSWORD, people
from tests.faults.outbound_kill import Listening
from tests.faults.report import Report
from tests.faults.wire import Wire
from tests.support.ports import free_port

LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
DAY, HOUR, YEAR = 86_400, 3_600, 365 * 86_400
# The clock against the true one, in seconds, one after the other.
# Ten years first: a message that has been tried five times is given up when it is five days old by any clock.
JUMPS = {"+10 years": 10 * YEAR, "back": 0, "+1 day": DAY, "-1 day": -DAY, "back again": 0, "-1 hour": -HOUR}
MOST_CPU = 0.20
NEWS_S = 30.0
# Seconds between a message's arrival by the moved clock and its INTERNALDATE.
SANE_S = 120


@dataclass
class Smarthost:
    """The server that takes outgoing mail: "later" to some, for each recipient how often it was asked and said yes."""

    tries: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        with self.lock:
            self.tries[address] += 1
        if address.startswith("sau"):
            return "450 4.2.0 Later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        with self.lock:
            self.taken.update(envelope.rcpt_tos)
        return "250 2.0.0 Ok"


class Run:
    """One installation whose clock stands in a file."""

    def __init__(self, top: Path, report: Report) -> None:
        self.report, self.clock = report, top / "clock"
        self.clock.write_text("+0", encoding="ascii")
        self.port = free_port()
        self.smarthost = Smarthost()
        self.product = Product(top)
        settings = f'\n[outbound]\nenabled = true\nsmarthost = "127.0.0.1:{self.port}"\n'
        self.product.config.write_text(self.product.config.read_text(encoding="utf-8") + settings, encoding="utf-8")
        self.product.wrapper = [
            "env",
            f"LD_PRELOAD={LIBRARIES[0]}",
            f"FAKETIME_TIMESTAMP_FILE={self.clock}",
            "FAKETIME_CACHE_DURATION=1",
            "DONT_FAKE_MONOTONIC=1",
        ]
        self.login, self.other = (f"{name}@{self.product.domain}" for name in people(2))
        self.number = 0
        # Web sessions seen to be over.
        self.over: set[int] = set()

    def submit(self, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.product.ports.submission, timeout=60) as client:
            client.login(self.login, PASSWORD)
            client.sendmail(self.login, [to], f"From: {self.login}\r\nTo: {to}\r\nSubject: x\r\n\r\nx\r\n")

    def receive(self) -> None:
        self.number += 1
        with smtplib.SMTP("127.0.0.1", self.product.ports.smtp, timeout=60) as client:
            message = f"From: a@example.net\r\nSubject: {self.number}\r\nMessage-ID: <{self.number}@x>\r\n\r\nx\r\n"
            client.sendmail("a@example.net", [self.login], message)

    def internal_date(self) -> tuple[int, float]:
        """The uid of the newest message, and its INTERNALDATE in seconds since 1970."""
        client = imaplib.IMAP4("127.0.0.1", self.product.ports.imap, timeout=60)
        client.login(self.login, PASSWORD)
        client.select("INBOX", readonly=True)
        _, answer = client.fetch("*", "(UID INTERNALDATE)")
        client.logout()
        words = answer[0]
        assert isinstance(words, bytes)
        when = imaplib.Internaldate2tuple(words)
        assert when is not None, words
        return int(words.partition(b"UID ")[2].split()[0]), time.mktime(when)

    def cpu(self) -> float:
        return sum(processes.cpu_seconds(pid) for pid in self.product.children())


def signed_in(visitor: WebVisitor) -> bool:
    return visitor.get("/viec").status == 200


def guess(run: Run) -> int:
    """The answer to a wrong password at the submission door."""
    try:
        with smtplib.SMTP("127.0.0.1", run.product.ports.submission, timeout=60) as client:
            client.login(run.other, "sai mat khau")
    except smtplib.SMTPAuthenticationError as refused:
        return int(refused.smtp_code)
    except smtplib.SMTPException:
        return 0
    return 235


def idling(run: Run) -> Wire:
    wire = Wire(run.product.ports.imap, NEWS_S)
    wire.line()
    wire.tagged(b'LOGIN %s "%s"' % (run.login.encode(), PASSWORD.encode()))
    wire.tagged(b"SELECT INBOX")
    wire.send(b"b IDLE\r\n")
    wire.line()
    return wire


def one_jump(
    run: Run, name: str, offset: int, idle: Wire, visitors: list[WebVisitor], watch_s: float, timed: bool
) -> None:
    """Set the clock, let everything go on for a while, look."""
    report, before = run.report, Counter(run.smarthost.tries)
    uid_before = run.internal_date()[0]
    run.clock.write_text(f"{offset:+d}", encoding="ascii")
    began, cpu = time.monotonic(), run.cpu()
    threading.Event().wait(watch_s)
    share = (run.cpu() - cpu) / (time.monotonic() - began)
    report.require(f"{name}: processor, all processes", round(share, 3), share < MOST_CPU or not timed, f"< {MOST_CPU}")
    run.receive()
    try:
        while not (line := idle.line()).endswith(b"EXISTS") and line:
            pass
    except TimeoutError:
        line = b"nothing"
    report.require(f"{name}: IDLE is told", line.endswith(b"EXISTS"), line.endswith(b"EXISTS"), "True")
    uid, date = run.internal_date()
    wrong = date - (time.time() + offset)
    report.require(f"{name}: INTERNALDATE against the clock, s", round(wrong), abs(wrong) < SANE_S, f"< {SANE_S}")
    report.require(f"{name}: uids go up", uid > uid_before, uid > uid_before, "True")
    most = max((run.smarthost.tries - before).values(), default=0)
    report.require(f"{name}: tries of one recipient", most, most <= 2, "<= 2 (no busy retry)")
    report.require(f"{name}: a guess", answer := guess(run), answer != 235, "refused")
    alive = {number for number, visitor in enumerate(visitors) if signed_in(visitor)}
    revived = sorted(alive & run.over)
    report.require("web sessions revived", revived, not revived, "none")
    run.over |= set(range(len(visitors))) - alive
    report.note(f"{name}: web sessions alive of {len(visitors)}", len(alive))


@contextmanager
def installed(top: Path, report: Report) -> Iterator[Run]:
    run = Run(top, report)
    run.product.init()
    run.product.add_users(people(2), PASSWORD)
    controller = Listening(run.smarthost, hostname="127.0.0.1", port=run.port)
    controller.start()
    run.product.start()
    try:
        yield run
    finally:
        run.product.stop()
        controller.stop()


def run(top: Path, jumps: Mapping[str, int] = JUMPS, watch_s: float = 8.0, timed: bool = True) -> Report:
    """The whole procedure in `top`. timed: whether processor time is judged, and not only told."""
    report = Report("clock jump")
    with installed(top, report) as one:
        visitors: list[WebVisitor] = []
        one.receive()
        one.submit("sau@far.test")
        idle = idling(one)
        before = one.product.children()
        for number, (name, offset) in enumerate(jumps.items()):
            visitors.append(WebVisitor(one.product.ports.web))
            assert visitors[-1].sign_in(one.login, PASSWORD).status == 303
            one.submit(f"ngay{number}@far.test")
            one_jump(one, name, offset, idle, visitors, watch_s, timed)
        idle.sock.close()
        wait = threading.Event()
        for _ in range(300):
            if len(one.smarthost.taken) == len(jumps):
                break
            wait.wait(0.1)
        twice = {address: times for address, times in one.smarthost.taken.items() if times > 1}
        report.require("sent twice", twice, not twice, "none")
        report.require("not sent", missing := len(jumps) - len(one.smarthost.taken), missing == 0, "0")
        report.note("tries of what is put off", one.smarthost.tries["sau@far.test"])
        same = one.product.children() == before
        report.require("same processes", same, same, "True")
        said = one.product.command("--lang", "en", "queue", "list")
        report.require("what is put off still waits", "sau@far.test" in said, "sau@far.test" in said, "True")
    return report


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--watch-s", type=float, default=8.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-clock-") as top:
        return run(Path(top), watch_s=chosen.watch_s).tell()


if __name__ == "__main__":
    sys.exit(main())
