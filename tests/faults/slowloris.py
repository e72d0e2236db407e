"""Hundreds of clients that say next to nothing, while others work.

    python -m tests.faults.slowloris --clients 100 --seconds 330

On each of SMTP, IMAP (before the sign-in) and HTTP half of them send an octet every TRICKLE_S, half are silent. Prints
one JSON line; exit status 1 if others waited too long meanwhile, or, after a run long enough to see it, if the slow
ones were not cut in time.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import imaplib
import selectors
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from tests.e2e.product import Product
from tests.faults.installed import PASSWORD, installed, with_fsck
from tests.faults.meanwhile import meanwhile
from tests.faults.passing import Passing, ended

NAMES = ("nhanh",)
TRICKLE_S = 2.0
# Between two looks of those who work.
PAUSE_S = 0.3
GREETING_S, LOGIN_S, PAGE_S = 1.0, 2.0, 2.0
# When the last slow client of each door has to be gone, in seconds; what a look may come late is added.
CUT_WITHIN = {"smtp": 300.0, "imap": 180.0, "web": 60.0}
LATE_S = 5.0
PATIENCE_S = 120.0
BEGINNINGS = {
    "smtp": b"EHLO cham.example\r\nMAIL FROM:<",
    "imap": b'a LOGIN "',
    "web": b"GET / HTTP/1.1\r\nHost: a\r\nX-Cham: ",
}


@dataclass
class Slow:
    """One slow client. trickles: sends an octet now and then. cut_after: seconds, None while it is connected."""

    door: str
    client: socket.socket
    trickles: bool
    since: float = field(default_factory=monotonic)
    cut_after: float | None = None


class SlowOnes:
    """All of them, driven by one thread."""

    def __init__(self, ports: dict[str, int], each: int) -> None:
        self.all: list[Slow] = []
        self._selector = selectors.DefaultSelector()
        for door, port in ports.items():
            for number in range(each):
                slow = Slow(door, socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S), number % 2 == 0)
                if slow.trickles:
                    slow.client.sendall(BEGINNINGS[door])
                slow.client.setblocking(False)
                self._selector.register(slow.client, selectors.EVENT_READ, slow)
                self.all.append(slow)

    @contextmanager
    def busy(self) -> Iterator[None]:
        try:
            with meanwhile(self._run):
                yield
        finally:
            for slow in self.all:
                slow.client.close()
            self._selector.close()

    def left(self) -> int:
        return sum(slow.cut_after is None for slow in self.all)

    def _run(self, stop: threading.Event) -> None:
        due = monotonic() + TRICKLE_S
        while not stop.is_set():
            for key, _ in self._selector.select(0.1) if self.left() else []:
                self._read(key.data)
            if monotonic() >= due:
                due += TRICKLE_S
                for slow in self.all:
                    if slow.trickles and slow.cut_after is None:
                        self._trickle(slow)
            stop.wait(0.05)

    def _read(self, slow: Slow) -> None:
        octets = b""
        with contextlib.suppress(OSError):
            octets = slow.client.recv(4096)
        if not octets:
            self._selector.unregister(slow.client)
            slow.cut_after = monotonic() - slow.since

    @staticmethod
    def _trickle(slow: Slow) -> None:
        with contextlib.suppress(OSError):  # it was cut: the next read tells
            slow.client.send(b"a")


@dataclass
class Others:
    """What people wait for meanwhile, in seconds."""

    greetings: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)

    def work(self, product: Product) -> None:
        for port in (product.ports.smtp, product.ports.imap):
            begun = monotonic()
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
                assert client.recv(200)
            self.greetings.append(monotonic() - begun)
        begun = monotonic()
        with imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=PATIENCE_S) as mail:
            mail.login(f"{NAMES[0]}@{product.domain}", PASSWORD)
            self.logins.append(monotonic() - begun)
        begun = monotonic()
        page = http.client.HTTPConnection("127.0.0.1", product.ports.web, timeout=PATIENCE_S)
        page.request("GET", "/")
        answer = page.getresponse()
        answer.read()
        page.close()
        assert answer.status < 400, answer.status
        self.pages.append(monotonic() - begun)


def procedure(product: Product, each: int, seconds: float, stretch: float = 1.0) -> Passing:
    """With a running installation that has NAMES."""
    ports = {"smtp": product.ports.smtp, "imap": product.ports.imap, "web": product.ports.web}
    slow, others, wait = SlowOnes(ports, each), Others(), threading.Event()
    begun = monotonic()
    with slow.busy():
        others.work(product)
        while monotonic() - begun < seconds and slow.left():
            wait.wait(PAUSE_S)
            others.work(product)
    took = monotonic() - begun
    passing = Passing(stretch)
    passing.tell(clients=len(slow.all), watched_s=took, looks=len(others.pages))
    passing.seconds(GREETING_S, slowest_greeting_s=max(others.greetings))
    passing.seconds(LOGIN_S, slowest_login_s=max(others.logins))
    passing.seconds(PAGE_S, slowest_page_s=max(others.pages))
    for door, limit in CUT_WITHIN.items():
        if took >= limit + LATE_S or not slow.left():
            _judge(passing, door, limit, [one for one in slow.all if one.door == door])
    return passing


def _judge(passing: Passing, door: str, limit: float, slow: Sequence[Slow]) -> None:
    for kind, ones in (
        ("trickling", [one for one in slow if one.trickles]),
        ("silent", [one for one in slow if not one.trickles]),
    ):
        gone = [one.cut_after for one in ones if one.cut_after is not None]
        last = max(gone) if len(gone) == len(ones) else float("inf")
        passing.at_most(limit + LATE_S, **{f"{door}_{kind}_cut_after_s": last})


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=100, help="slow ones on each door")
    options.add_argument("--seconds", type=float, default=330.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-slow-") as top:
        with installed(Path(top), NAMES) as product:
            passing = procedure(product, chosen.clients, chosen.seconds)
        return ended(with_fsck(product, passing))


if __name__ == "__main__":
    sys.exit(main())
