"""A hostile client against the running product: endless, lying, nested, senseless; many at once.

    python -m tests.faults.hostile --octets 1073741824

Each case tells what was answered, how much memory the mail processes took at most, and how long others waited for
their greeting. Exit status 1 if a pass figure is missed.
"""

from __future__ import annotations

import argparse
import imaplib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.product import Product, running
from tests.e2e.webvisitor import WebVisitor
from tests.faults import processes
from tests.faults.kill_any import PASSWORD, people
from tests.faults.report import Report
from tests.faults.watch import Watch
from tests.faults.wire import Wire, begin, of
from tests.support.hostile import DELIVERED, MULTIPART, stuffed

MIB = 1024 * 1024
PER_CONNECTION = 32 * MIB
AFTERWARDS = 100 * MIB
MOST_ERRORS, MOST_JUNK = 20, 1000
GREETING_S, ANSWER_S, READING_S = 1.0, 5.0, 3.0
DEEP = {
    **{name: DELIVERED[name] for name in ("1,000 levels", "1,000 embedded messages", "50,000 addresses")},
    **{name: DELIVERED[name] for name in ("20,000 parameters", "100,000 fields", "1-MB header line")},
    "20,000 levels": b"".join(MULTIPART % (level, level) for level in range(20_000)) + b"\r\nx\r\n",
    "20,000 parts": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 20_000 + b"--x--\r\n",
}


@dataclass(frozen=True)
class Target:
    """octets: of the endless cases; timed: whether seconds are judged; connections: of the cases with many."""

    product: Product
    report: Report
    octets: int
    timed: bool
    connections: int

    @property
    def login(self) -> str:
        return f"{people(1)[0]}@{self.product.domain}"

    def seconds(self, name: str, took: float, limit: float) -> None:
        """A pass figure in seconds, told but not judged where the machine is not ours alone."""
        self.report.require(name, round(took, 2), took <= limit or not self.timed, f"<= {limit}")

    def wire(self, door: str = "smtp") -> Wire:
        return Wire(getattr(self.product.ports, door))


def size_said(target: Target) -> None:
    with target.wire() as wire:
        answer = begin(wire, target.login, b" SIZE=%d" % max(target.octets, 1 << 30))
    target.report.require("SIZE= is refused at MAIL", answer[:40].decode(), answer.startswith(b"552 "), "552")


def endless_line(target: Target) -> None:
    """One line without an end in DATA (aiosmtpd kept it: +990 MiB), and the same after a lie about its size."""
    for lie in (b"", b" SIZE=1000"):
        with target.wire() as wire:
            begin(wire, target.login, lie)
            wire.say(b"DATA")
            wire.pour(of(target.octets))
            wire.send(b"\r\n.\r\n")
            answer = wire.reply()
        target.report.require(f"DATA without an end{lie.decode()}", answer[:40].decode(), answer[:3] == b"552", "552")


def endless_chunk(target: Target) -> None:
    with target.wire() as wire:
        begin(wire, target.login)
        wire.send(b"BDAT %d LAST\r\n" % target.octets)
        wire.pour(of(target.octets))
        answer = wire.reply()
    target.report.require("BDAT without an end", answer[:40].decode(), answer[:3] == b"552", "552")


def many_recipients(target: Target) -> None:
    """10,000 RCPT in one write, then the message: taken once for those that were accepted."""
    with target.wire() as wire:
        begin(wire, target.login)
        wire.send(b"RCPT TO:<%s>\r\n" % target.login.encode() * 10_000)
        codes = [wire.reply()[:3] for _ in range(10_000)]
        wire.say(b"DATA")
        answer = wire.say(b"Subject: many\r\n\r\nx\r\n.")
    accepted = codes.count(b"250") + 1
    target.report.require("recipients accepted of 10,000", accepted, 100 <= accepted <= 1000, "100 to 1,000")
    others = sorted({code.decode() for code in codes} - {"250"})
    target.report.require("the others' answer", others, others == ["452"], "452")
    target.report.require("the message to the accepted", answer[:3].decode(), answer[:3] == b"250", "250")


def many_unknown(target: Target) -> None:
    with target.wire() as wire:
        begin(wire, target.login)
        wire.send(b"".join(b"RCPT TO:<nobody%d@bench.test>\r\n" % number for number in range(10_000)))
        wire.end()
        heard = wire.rest().split(b"\r\n")
    # From this machine, which is trusted, unknown recipients are told and not counted as errors.
    told = sum(line.startswith(b"550 ") for line in heard)
    target.report.note("unknown recipients told before the end", told)


def deep_mail(target: Target) -> None:
    """Nested, wide and long mail: answered soon, and read soon by IMAP and in the browser."""
    visitor = WebVisitor(target.product.ports.web)
    assert visitor.sign_in(target.login, PASSWORD).status == 303
    inbox = visitor.get("/thu/").headers["location"]
    reader = imaplib.IMAP4("127.0.0.1", target.product.ports.imap, timeout=120)
    reader.login(target.login, PASSWORD)
    for name, data in DEEP.items():
        with target.wire() as wire:
            begin(wire, target.login)
            wire.say(b"DATA")
            began = time.monotonic()
            wire.send(stuffed(data))
            answer = wire.reply()
        target.seconds(f"{name}: answer, s", time.monotonic() - began, ANSWER_S)
        target.report.require(f"{name}: answer", answer[:3].decode(), answer[:1] in (b"2", b"5"), "2xx or 5xx")
        if answer[:1] == b"2":
            read(target, name, reader, visitor, inbox)
    reader.logout()


def read(target: Target, name: str, reader: imaplib.IMAP4, visitor: WebVisitor, inbox: str) -> None:
    reader.select("INBOX", readonly=True)
    uid = reader.uid("SEARCH", "ALL")[1][0].split()[-1].decode()
    began = time.monotonic()
    status, _ = reader.uid("FETCH", uid, "(FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[])")
    target.seconds(f"{name}: FETCH, s", time.monotonic() - began, READING_S)
    target.report.require(f"{name}: FETCH", status, status == "OK", "OK")
    began = time.monotonic()
    try:
        status = str(visitor.get(f"{inbox}/{uid}").status)
    except TimeoutError:
        status = "no answer"
    target.seconds(f"{name}: page, s", time.monotonic() - began, READING_S)
    target.report.require(f"{name}: page", status, status == "200", "200")


def login_literal(target: Target) -> None:
    """Literals before signing in: none above 8 KiB is invited, and one that comes all the same is kept nowhere."""
    invited = []
    for octets in (8193, 1 << 20, 1 << 30, 1 << 62):
        with target.wire("imap") as wire:
            wire.line()
            wire.send(b"a LOGIN {%d}\r\n" % octets)
            if (answer := wire.line()).startswith(b"+"):
                invited.append(octets)
    target.report.require("literals above 8 KiB invited before LOGIN", invited, not invited, "none")
    with target.wire("imap") as wire:
        wire.line()
        wire.send(b"a LOGIN {%d+}\r\n" % target.octets)
        wire.pour(of(target.octets))
        wire.send(b"\r\n")
        answer = wire.until(b"a")
    target.report.require("LOGIN {n+}", answer[:30].decode(), answer.startswith((b"a BAD", b"a NO")), "BAD or NO")


def smtp_floods(target: Target) -> None:
    for name, command, most in (("unknown", b"XYZZY\r\n", MOST_ERRORS), ("NOOP", b"NOOP\r\n", MOST_JUNK)):
        with target.wire() as wire:
            wire.reply()
            wire.pour(of(10_000 * len(command), command * 1000))
            wire.end()
            heard = wire.rest().split(b"\r\n")
        replies = sum(line[:3].isdigit() for line in heard)
        target.report.require(
            f"SMTP {name} flood, answers before the end", replies, replies <= most + 1, f"<= {most} + 421"
        )


def imap_floods(target: Target) -> None:
    for name, command, most in (("unknown", b"a XYZZY\r\n", MOST_ERRORS), ("NOOP", b"a NOOP\r\n", MOST_JUNK)):
        with target.wire("imap") as wire:
            wire.line()
            wire.pour(of(10_000 * len(command), command * 1000))
            wire.end()
            heard = wire.rest().split(b"\r\n")
        replies = sum(line.startswith(b"a ") for line in heard)
        target.report.require(f"IMAP {name} flood, answers before the end", replies, replies <= most, f"<= {most}")


def noise(target: Target) -> None:
    """1 MB of random octets on each of many connections, half to each door; all of them are ended."""
    ended: list[bool] = []

    def one(door: str) -> None:
        with target.wire(door) as wire:
            wire.pour(of(MIB, os.urandom(65536)))
            wire.end()
            try:
                wire.rest()
                ended.append(True)
            except TimeoutError:
                ended.append(False)

    doors = [("smtp", "imap")[number % 2] for number in range(target.connections)]
    threads = [threading.Thread(target=one, args=(door,)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    target.report.require("noisy connections ended", ended.count(True), ended.count(True) == target.connections, "all")


Case = Callable[[Target], None]
CASES: dict[str, Case] = {
    "size said": size_said,
    "endless line": endless_line,
    "endless chunk": endless_chunk,
    "10,000 recipients": many_recipients,
    "10,000 unknown recipients": many_unknown,
    "deep mail": deep_mail,
    "LOGIN literal": login_literal,
    "SMTP floods": smtp_floods,
    "IMAP floods": imap_floods,
    "noise": noise,
}
# Cases of one connection, which may take so much memory at most; the others are bounded by what is left afterwards.
OF_ONE = {"endless line": PER_CONNECTION, "endless chunk": PER_CONNECTION, "LOGIN literal": 2 * MIB}


def judged(name: str, case: Case, target: Target) -> None:
    with Watch(target.product) as seen:
        case(target)
    grown = round(seen.grown / MIB, 1)
    limit = OF_ONE.get(name)
    target.report.require(
        f"{name}: peak memory, MiB", grown, limit is None or seen.grown <= limit, f"<= {limit // MIB}" if limit else "-"
    )
    target.seconds(f"{name}: slowest greeting of others, s", seen.greeting, GREETING_S)
    target.report.require("processes survive", name if not seen.survived else "all", seen.survived, "all")


def files_left(product: Product) -> Iterator[str]:
    """Files of messages coming in that are still open, or have a name."""
    spool = product.data / "spool"
    yield from map(str, spool.iterdir())
    for pid in processes.named(product, "mail"):
        yield from processes.open_files(pid, spool)


def run(
    top: Path, octets: int, cases: Sequence[str] = tuple(CASES), timed: bool = True, connections: int = 100
) -> Report:
    """The chosen cases against a product in `top`."""
    report = Report("hostile clients")
    with running(top, people(1), PASSWORD) as product:
        attack(Target(product, report, octets, timed, connections), cases)
    return report


def attack(target: Target, cases: Sequence[str]) -> None:
    """The chosen cases, one after the other, and what is left of them."""
    with target.wire() as wire:  # what the first delivery costs for ever
        begin(wire, target.login)
        wire.say(b"DATA")
        wire.send(stuffed(b"Subject: first\r\n\r\n" + b"x" * 70 + b"\r\n" * 10_000))
        wire.reply()
    before = {pid: processes.rss(pid) for pid in processes.named(target.product, "mail")}
    for name in cases:
        judged(name, CASES[name], target)
    grown = max(processes.rss(pid) - octets for pid, octets in before.items())
    kept = round(grown / MIB, 1)
    target.report.require("memory kept afterwards, MiB", kept, grown <= AFTERWARDS, f"<= {AFTERWARDS // MIB}")
    left = list(files_left(target.product))
    target.report.require("files of messages left", left, not left, "none")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--octets", type=int, default=1 << 30)
    options.add_argument("--connections", type=int, default=100)
    options.add_argument("--case", action="append", choices=sorted(CASES))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-hostile-") as top:
        return run(Path(top), chosen.octets, chosen.case or tuple(CASES), connections=chosen.connections).tell()


if __name__ == "__main__":
    sys.exit(main())
