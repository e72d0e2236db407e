"""Stop the server while people are in IDLE and mail is under way; everybody is told, and nothing is lost.

    python -m tests.faults.idle_restart --idlers 1000

Some senders are between two transactions, some in the middle of DATA and go on, some in the middle of DATA and go
silent. Prints one JSON line; exit status 1 if an idler got no BYE, if a sender got neither its answer nor 421, if
the exit took longer than EXIT_S or was not clean, or if a message that had its 250 is not there after the restart.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import socket
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from tests.e2e.product import Product
from tests.faults.idling import Idling
from tests.faults.installed import PASSWORD, database_for, installed, with_fsck
from tests.faults.kill_any import people
from tests.faults.mailflow import Ledger, count, make, send_all
from tests.faults.passing import Passing, ended, seconds_until

# The supervisor's own limit is 10 s, of which children take 8 for their clients; the rest is the kernel's.
EXIT_S = 10.5
DEADLINE_S = 120.0
MANY = 1_000_000
IDLERS_EACH = 20
SENDERS = 6
# Of each kind: they go on, or go silent.
IN_DATA = 4


@dataclass
class HalfSent:
    """A transaction that has begun DATA when the server is told to stop.

    goes_on: the rest follows a moment after; otherwise nothing more comes. answer: of the server, "" for none.
    """

    serial: str
    data: bytes
    goes_on: bool
    client: socket.socket
    answer: str = ""
    thread: threading.Thread = field(init=False)

    @classmethod
    def begin(cls, port: int, serial: str, to: str, data: bytes, goes_on: bool) -> HalfSent:
        client = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        _said(client)
        for words in ("EHLO ngoai.example.net", "MAIL FROM:<ngoai@example.net> BODY=8BITMIME", f"RCPT TO:<{to}>"):
            client.sendall(words.encode() + b"\r\n")
            assert _said(client).startswith("250"), words
        client.sendall(b"DATA\r\n")
        assert _said(client).startswith("354")
        client.sendall(data[: len(data) // 2])
        return cls(serial, data, goes_on, client)

    def finish(self, stopping: threading.Event) -> None:
        """In a thread of its own: send the rest once the server is `stopping`, and hear what it says."""
        self.thread = threading.Thread(target=self._finish, args=(stopping,))
        self.thread.start()

    def _finish(self, stopping: threading.Event) -> None:
        stopping.wait(DEADLINE_S)
        with suppress(OSError):
            if self.goes_on:
                self.client.sendall(self.data[len(self.data) // 2 :].replace(b"\r\n.", b"\r\n..") + b".\r\n")
            self.answer = _said(self.client)
        self.client.close()


def _said(client: socket.socket) -> str:
    """One answer with all its lines, or what there is of it at the end of the connection."""
    text = b""
    while not (text.endswith(b"\r\n") and text.splitlines()[-1][3:4] == b" "):
        octets = client.recv(4096)
        if not octets:
            break
        text += octets
    return text.decode()


def run(top: Path, idlers: int = 1000, database: str = "") -> dict[str, object]:
    """The whole procedure in `top`; returns its figures."""
    names = people(-(-idlers // IDLERS_EACH))
    with installed(top, names, database) as product:
        passing = procedure(product, names, idlers)
    return with_fsck(product, passing)


def procedure(
    product: Product, names: Sequence[str], idlers: int, silent: int = IN_DATA, stretch: float = 1.0
) -> Passing:
    """With a running installation that has `names` and no mail for them; it runs again afterwards.

    silent: how many begin DATA and then say nothing.
    """
    logins = [f"{name}@{product.domain}" for name in names]
    idling, stop, stopping = Idling(product.ports.imap, PASSWORD), threading.Event(), threading.Event()
    tag = f"{random.getrandbits(32):08x}"
    try:
        idling.open([logins[k % len(logins)] for k in range(idlers)])
        at = ("127.0.0.1", product.ports.smtp)
        ledger, senders = send_all(tag, lambda: at, logins, range(MANY), SENDERS, stop)
        half_sent = _begin_some(product, tag, logins, silent)
        assert seconds_until(lambda: len(ledger.acknowledged) >= 5 * SENDERS, DEADLINE_S) < DEADLINE_S
        for one in half_sent:
            one.finish(stopping)
        begun = monotonic()
        stop.set()  # whoever has begun goes on to its answer
        stopping.set()
        status = product.stop()
        took = monotonic() - begun
        for thread in (*senders, *(one.thread for one in half_sent)):
            thread.join()
        seconds_until(lambda: all(line.ended for line in idling.lines), DEADLINE_S)
    finally:
        stop.set()
        stopping.set()
        idling.close()
    _enter(ledger, half_sent)
    product.start()
    account = count(ledger, ("127.0.0.1", product.ports.imap), logins, PASSWORD)
    passing = Passing(stretch)
    passing.tell(idlers=len(idling.lines), acknowledged=len(ledger.acknowledged))
    passing.exactly(len(idling.lines), told_bye=sum(bool(line.bye) for line in idling.lines))
    passing.exactly(0, exit_status=status)
    passing.seconds(EXIT_S, exit_s=took)
    passing.tell(refused={str(code): n for code, n in ledger.refused.items()})
    unanswered = len(ledger.unknown) + sum(not one.answer for one in half_sent)
    passing.exactly(0, unanswered=unanswered)
    passing.exactly(0, neither_taken_nor_421=sum(one.answer[:3] not in ("250", "421", "") for one in half_sent))
    passing.exactly(IN_DATA, finished_in_data=sum(one.answer.startswith("250") for one in half_sent if one.goes_on))
    passing.exactly(0, lost=len(account.lost), corrupt=len(account.corrupt), duplicates=len(account.duplicates))
    passing.exactly(0, ghosts=len(account.ghosts))
    return passing


def _begin_some(product: Product, tag: str, logins: Sequence[str], silent: int) -> list[HalfSent]:
    begun = []
    for k in range(IN_DATA + silent):
        to, serial = logins[k % len(logins)], f"{tag}half.{k}"
        data = make(f"{tag}half", k, to)
        begun.append(HalfSent.begin(product.ports.smtp, serial, to, data, goes_on=k < IN_DATA))
    return begun


def _enter(ledger: Ledger, half_sent: Sequence[HalfSent]) -> None:
    for one in half_sent:
        if one.answer.startswith("250"):
            ledger.acknowledged[one.serial] = hashlib.sha256(one.data).digest()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--idlers", type=int, default=1000)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-idle-") as top, database_for(chosen.database) as database:
        return ended(run(Path(top), chosen.idlers, database))


if __name__ == "__main__":
    sys.exit(main())
