"""Kill the outbound process at random while mail leaves; nothing may be missing on the other side.

    python -m tests.faults.outbound_kill --messages 2000 --kills 40

Prints one JSON line; exit status 1 if a message was lost or changed, or came twice although nothing was killed
between the beginning of its first transaction and of its second.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import smtplib
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mailserver.outbound.recoding import with_short_lines
from tests.e2e.product import Product
from tests.faults.mailflow import FIRST_OWN_FIELD, SERIAL, make
from tests.support.ports import free_port

PASSWORD = "mat-khau-thu-nghiem"
SENDER = "an"
CONNECTIONS = 4
LOOK_S = 0.02
DEADLINE_S = 120.0


class Listening(Controller):
    """Refuses lines above 1,001 octets, as many servers do."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mx.far.test")


@dataclass
class Remote:
    """The server elsewhere. taken: by serial, when each transaction began and what it brought."""

    taken: dict[str, list[tuple[float, bytes]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        session.peer = time.monotonic()
        return "250 2.1.0 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        match = SERIAL.search(content)
        serial = match[1].decode() if match else "?"
        own = content[content.index(FIRST_OWN_FIELD) :] if match else content
        with self.lock:
            self.taken.setdefault(serial, []).append((session.peer, hashlib.sha256(own).digest()))
        return "250 2.0.0 Ok"

    def count(self) -> int:
        with self.lock:
            return len(self.taken)


def submit(product: Product, tag: str, numbers: Sequence[int], sent: dict[str, bytes], lock: threading.Lock) -> None:
    """Send by the submission door; `sent` has what was acknowledged."""
    with smtplib.SMTP("127.0.0.1", product.ports.submission, timeout=60) as client:
        client.login(f"{SENDER}@{product.domain}", PASSWORD)
        for number in numbers:
            to = f"nguoi{number}@d{number % 7}.far.test"
            data = make(tag, number, to).replace(b"ngoai@example.net", f"{SENDER}@{product.domain}".encode())
            client.sendmail(f"{SENDER}@{product.domain}", [to], data, mail_options=["BODY=8BITMIME"])
            with lock:
                sent[f"{tag}.{number}"] = hashlib.sha256(with_short_lines(data)).digest()


def outbound_process(product: Product) -> int | None:
    """The process id of the one that sends, None while there is none."""
    for pid in product.children():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"vanthu: outbound"):
                return pid
    return None


def kill_some(product: Product, remote: Remote, messages: int, kills: int) -> list[float]:
    """Spread `kills` over the run; when each came. Ends when everything has arrived or nothing moves."""
    when: list[float] = []
    wait, deadline = threading.Event(), time.monotonic() + DEADLINE_S
    while remote.count() < messages and time.monotonic() < deadline:
        due = len(when) < kills and remote.count() >= messages * (len(when) + 0.5) / (kills + 1)
        pid = outbound_process(product) if due else None
        if pid is None:
            wait.wait(LOOK_S)
            continue
        wait.wait(random.uniform(0, 0.01))  # anywhere in a transaction
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            when.append(time.monotonic())
    return when


def wait_until_empty(product: Product) -> str:
    """What `vanthu queue list` says when nothing waits any more, or at the deadline."""
    wait, deadline = threading.Event(), time.monotonic() + DEADLINE_S
    said = product.command("--lang", "en", "queue", "list")
    while "Nothing is waiting" not in said and time.monotonic() < deadline:
        wait.wait(0.2)
        said = product.command("--lang", "en", "queue", "list")
    return said.strip()


def run(top: Path, messages: int, kills: int, database: str = "") -> dict[str, object]:
    """The whole procedure in `top`; returns its figures."""
    remote, port = Remote(), free_port()
    product = Product(top, database=database)
    settings = f'\n[outbound]\nenabled = true\nsmarthost = "127.0.0.1:{port}"\n'
    product.config.write_text(product.config.read_text(encoding="utf-8") + settings, encoding="utf-8")
    product.init()
    product.add_user(SENDER, PASSWORD)
    product.command("policy", "mode", "sending-rate", "off")  # one account writes to more strangers than a person may
    controller = Listening(remote, hostname="127.0.0.1", port=port)
    controller.start()
    product.start()
    try:
        sent: dict[str, bytes] = {}
        tag, lock = f"{random.getrandbits(32):08x}", threading.Lock()
        senders = [
            threading.Thread(target=submit, args=(product, tag, range(k, messages, CONNECTIONS), sent, lock))
            for k in range(CONNECTIONS)
        ]
        for thread in senders:
            thread.start()
        killed = kill_some(product, remote, messages, kills)
        for thread in senders:
            thread.join()
        said = wait_until_empty(product)
    finally:
        product.stop()
        controller.stop()
    return figures(sent, remote, killed) | {"queue": said[-200:], "fsck": product.command("fsck").strip()[-200:]}


def figures(sent: dict[str, bytes], remote: Remote, killed: Sequence[float]) -> dict[str, object]:
    lost = [serial for serial in sent if serial not in remote.taken]
    corrupt = [
        serial for serial, times in remote.taken.items() if any(digest != sent.get(serial) for _, digest in times)
    ]
    twice = {serial: [at for at, _ in times] for serial, times in remote.taken.items() if len(times) > 1}
    unexplained = [
        serial
        for serial, times in twice.items()
        for before, after in pairwise(times)
        if not any(before <= at <= after for at in killed)
    ]
    return {
        "acknowledged": len(sent),
        "arrived": len(remote.taken),
        "kills": len(killed),
        "twice": len(twice),
        "lost": lost[:12],
        "corrupt": corrupt[:12],
        "unexplained": unexplained[:12],
        "clean": not (lost or corrupt or unexplained),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--database", default="", help="a SQLAlchemy URL; SQLite in the folder if absent")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-out-") as top:
        result = run(Path(top), chosen.messages, chosen.kills, chosen.database)
    print(json.dumps(result))
    return 0 if result["clean"] else 1


if __name__ == "__main__":
    sys.exit(main())
