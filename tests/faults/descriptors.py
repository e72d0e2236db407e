"""Use up the descriptors of a mail process with idle connections; the others are told, and mail goes on.

    python -m tests.faults.descriptors --limit 256 --imap 300 --smtp 50

Exit status 1 if a pass figure is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from tests.e2e.product import Product
from tests.faults import processes
from tests.faults.kill_any import PASSWORD, people
from tests.faults.mailflow import Ledger, count, deliver
from tests.faults.report import Report
from tests.faults.sending import attachment, text
from tests.faults.wire import Wire

MOST_CPU = 0.20
RECOVERY_S = 5.0
# Large enough that it waits in a file, which is one descriptor more.
SPOOLED = 600_000
POLITE = {"served", "BYE", "421"}


class Run:
    """One installation with one mail process that may have few descriptors."""

    def __init__(self, top: Path, limit: int, report: Report) -> None:
        self.report = report
        self.product = Product(top)
        settings = self.product.config.read_text(encoding="utf-8") + "\n[processes]\nmail = 1\n"
        self.product.config.write_text(settings, encoding="utf-8")
        self.product.wrapper = ["prlimit", f"--nofile={limit}:{limit}"]
        self.ledger = Ledger()
        self.tag = f"{random.getrandbits(32):08x}"
        self.login = f"{people(1)[0]}@{self.product.domain}"
        self.number = 0
        self.held: list[Wire] = []

    @property
    def pid(self) -> int:
        return processes.named(self.product, "mail")[0]

    def idle(self) -> str:
        """One more IMAP connection, signed in and idling; or how it was refused."""
        wire = Wire(self.product.ports.imap)
        self.held.append(wire)
        said = wire.line()
        if said.startswith(b"* OK"):
            wire.tagged(b'LOGIN %s "%s"' % (self.login.encode(), PASSWORD.encode()))
            wire.tagged(b"SELECT INBOX")
            wire.send(b"b IDLE\r\n")
            return "served" if wire.line().startswith(b"+") else "cut"
        return "BYE" if said.startswith(b"* BYE") else f"said {said[:20]!r}"

    def smtp(self) -> tuple[str, smtplib.SMTP | None]:
        """One more SMTP connection, or how it was refused."""
        client = smtplib.SMTP(timeout=60)
        try:
            code, _ = client.connect("127.0.0.1", self.product.ports.smtp)
            if code == 220:
                client.ehlo("thu.example.net")
                return "served", client
        except (OSError, smtplib.SMTPException) as broken:
            client.close()
            return type(broken).__name__, None
        client.close()
        return str(code), None

    def send(self, client: smtplib.SMTP, octets: int) -> None:
        self.number += 1
        make = attachment if octets >= SPOOLED else text
        data = make(self.tag, self.number, self.login, octets)
        deliver(client, self.ledger, f"{self.tag}.{self.number}", self.login, data)

    def saturate(self, imap: int, smtp: int) -> list[smtplib.SMTP]:
        """Half the SMTP connections, all the IMAP ones, the other half; returns those of SMTP that were served."""
        told: Counter[str] = Counter()
        clients = [self.smtp() for _ in range(smtp // 2)]
        told.update(self.idle() for _ in range(imap))
        clients += [self.smtp() for _ in range(smtp - smtp // 2)]
        told.update(word for word, _ in clients)
        self.report.require("connections", dict(told), set(told) <= POLITE, "served, BYE or 421")
        refused = told["BYE"] + told["421"]
        self.report.require("refused for want of descriptors", refused, refused > 0, "> 0")
        self.report.note("descriptors in use", processes.descriptors(self.pid))
        return [client for _, client in clients if client is not None]

    def measure_idle_cpu(self, seconds: float) -> None:
        before, began = processes.cpu_seconds(self.pid), time.monotonic()
        threading.Event().wait(seconds)
        share = (processes.cpu_seconds(self.pid) - before) / (time.monotonic() - began)
        self.report.require("processor while saturated", round(share, 3), share < MOST_CPU, f"< {MOST_CPU}")

    def come_back(self) -> None:
        """All have gone: how long until somebody is served again."""
        began = time.monotonic()
        wait = threading.Event()
        while (served := self.smtp())[1] is None and time.monotonic() < began + 60:
            wait.wait(0.05)
        took = time.monotonic() - began
        self.report.require("serves again after, s", round(took, 2), took <= RECOVERY_S, f"<= {RECOVERY_S}")
        if served[1] is not None:
            self.send(served[1], 1000)
            served[1].close()
        again = self.idle()
        self.report.require("IMAP serves again", again, again == "served", "served")


def run(top: Path, limit: int, imap: int, smtp: int, watch_s: float = 5.0) -> Report:
    """The whole procedure in `top`."""
    report = Report("descriptors used up")
    one = Run(top, limit, report)
    one.product.init()
    one.product.add_users(people(1), PASSWORD)
    one.product.start()
    try:
        before = one.pid
        clients = one.saturate(imap, smtp)
        for client in clients:
            one.send(client, 1000)
        for client in clients[:10]:
            one.send(client, SPOOLED)
        one.measure_idle_cpu(watch_s)
        refused = dict(one.ledger.refused)
        report.require("refusals while saturated", refused, all(400 <= code < 500 for code in refused), "4xx only")
        report.note("acknowledged while saturated", len(one.ledger.acknowledged))
        for client in clients:
            client.close()
        for wire in one.held:
            wire.sock.close()
        one.come_back()
        report.require("same process", one.pid == before, one.pid == before, "True")
        account = count(one.ledger, ("127.0.0.1", one.product.ports.imap), [one.login], PASSWORD)
        report.require("lost, corrupt, double", account.lost[:9], account.clean, "none")
    finally:
        for wire in one.held:
            with contextlib.suppress(OSError):
                wire.sock.close()
        one.product.stop()
    return report


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=int, default=256)
    options.add_argument("--imap", type=int, default=300)
    options.add_argument("--smtp", type=int, default=50)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-descriptors-") as top:
        return run(Path(top), chosen.limit, chosen.imap, chosen.smtp).tell()


if __name__ == "__main__":
    sys.exit(main())
