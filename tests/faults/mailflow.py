"""Numbered messages sent by SMTP and counted again by IMAP: what the loss tests are made of."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import imaplib
import random
import re
import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

SERIAL = re.compile(rb"^X-Loss-Serial: (\S+)\r\n", re.MULTILINE)
FIRST_OWN_FIELD = b"X-Loss-Serial: "
# Between two attempts to connect to a server that is being started again.
RETRY_S = 0.02
# In which everything can be read again after the last fault.
READABLE_S = 30.0


def make(run: str, number: int, to: str) -> bytes:
    """Message `number` of a run: plain, with an attachment, with odd octets, in turns; CRLF line ends."""
    rnd = random.Random(f"{run}.{number}")
    head = (
        f"X-Loss-Serial: {run}.{number}\r\nFrom: ngoai@example.net\r\nTo: {to}\r\n"
        f"Subject: =?UTF-8?B?{base64.b64encode(f'Thử số {number}'.encode()).decode()}?=\r\n"
        f"Message-ID: <{run}.{number}@example.net>\r\nMIME-Version: 1.0\r\n"
    ).encode()
    kind = number % 4
    if kind == 0:
        return head + b"\r\n" + b"Noi dung ngan\r\n.\r\n..\r\nhet\r\n"
    if kind == 1:
        words = " ".join(rnd.choices(["công", "văn", "đến", "đi", "họp", "báo", "cáo", "tiến", "độ"], k=400))
        return head + b"Content-Type: text/plain; charset=UTF-8\r\n\r\n" + words.encode() + b"\r\n\r\n\r\n"
    if kind == 2:
        blob = base64.encodebytes(rnd.randbytes(rnd.randrange(20_000, 120_000))).replace(b"\n", b"\r\n")
        return head + (
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nxem tep\r\n"
            b"--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + blob
            + b"--x--\r\n"
        )
    odd = bytes(b for b in rnd.randbytes(3000) if b not in (0, 10, 13))
    return head + b"X-Odd: \xff\xfe tr\xe1\xba\xa7n\r\n\r\n" + odd + b"\r\n \t \r\n"


@dataclass
class Ledger:
    """What was promised: serial → SHA-256 for every 250, and the serials whose fate the sender does not know.

    refused: how often each code came; turned_away: the serials that it came for. times: of every transaction
    its begin and end (monotonic seconds) and its code, 0 without an answer.
    """

    acknowledged: dict[str, bytes] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)
    turned_away: set[str] = field(default_factory=set)
    times: list[tuple[float, float, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def send_all(
    run: str,
    ports: Callable[[], tuple[str, int]],
    addresses: Sequence[str],
    numbers: range,
    connections: int,
    stop: threading.Event | None = None,
) -> tuple[Ledger, list[threading.Thread]]:
    """Start `connections` senders over `numbers`; a broken connection is opened again, a message never resent.

    They end when the numbers are used up, or soon after `stop` is set.
    """
    ledger, queue, lock = Ledger(), iter(numbers), threading.Lock()
    stop = stop or threading.Event()

    def next_number() -> int | None:
        with lock:
            return next(queue, None)

    def sender() -> None:
        client: smtplib.SMTP | None = None
        while not stop.is_set() and (number := next_number()) is not None:
            to = addresses[number % len(addresses)]
            data, serial = make(run, number, to), f"{run}.{number}"
            while client is None and not stop.wait(RETRY_S):
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    client = smtplib.SMTP(*ports(), timeout=60)
            if client is not None:
                promised = len(ledger.acknowledged)
                client = deliver(client, ledger, serial, to, data)
                if len(ledger.acknowledged) == promised:  # a server in trouble is not asked again at once
                    stop.wait(RETRY_S)
        if client is not None:
            client.close()

    threads = [threading.Thread(target=sender, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    return ledger, threads


def deliver(client: smtplib.SMTP, ledger: Ledger, serial: str, to: str, data: bytes) -> smtplib.SMTP | None:
    """One transaction, written into the ledger; returns the client, or None when its connection is gone."""
    begun, code = monotonic(), 0
    try:
        client.sendmail("ngoai@example.net", [to], data, mail_options=["BODY=8BITMIME"])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refusal:
        code = getattr(refusal, "smtp_code", None) or next(iter(refusal.recipients.values()))[0]
        with ledger.lock:
            ledger.refused[code] += 1
            ledger.turned_away.add(serial)
        if code != 421:
            return client
    except (OSError, smtplib.SMTPException):
        with ledger.lock:
            ledger.unknown.add(serial)
    else:
        with ledger.lock:
            ledger.acknowledged[serial] = hashlib.sha256(data).digest()
        code = 250
        return client
    finally:
        with ledger.lock:
            ledger.times.append((begun, monotonic(), code))
    client.close()
    return None


@dataclass(frozen=True)
class Account:
    """What the mailboxes hold against the ledger; every number but `found` is expected to be 0."""

    found: int
    lost: list[str]
    corrupt: list[str]
    duplicates: list[str]
    ghosts: list[str]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.corrupt or self.duplicates or self.ghosts)


def count(ledger: Ledger, imap: tuple[str, int], logins: Sequence[str], password: str) -> Account:
    """Read every INBOX and compare, octet for octet, what follows the trace fields with what was sent."""
    found: Counter[str] = Counter()
    corrupt, ghosts = [], []
    for login in logins:
        for octets in inbox(imap, login, password):
            match = SERIAL.search(octets)
            serial = match[1].decode() if match else "?"
            found[serial] += 1
            promised = ledger.acknowledged.get(serial)
            own = octets[octets.index(FIRST_OWN_FIELD) :] if match else octets
            if promised is None:
                if serial not in ledger.unknown:
                    ghosts.append(serial)
            elif hashlib.sha256(own).digest() != promised:
                corrupt.append(serial)
    lost = sorted(set(ledger.acknowledged) - set(found))
    return Account(found.total(), lost, corrupt, [s for s, n in found.items() if n > 1], ghosts)


def inbox(imap: tuple[str, int], login: str, password: str) -> list[bytes]:
    """The octets of every message of one INBOX; uids must ascend and be unique."""
    client = imaplib.IMAP4(*imap, timeout=60)
    client.login(login, password)
    client.select("INBOX", readonly=True)
    status, deadline = "NO", monotonic() + READABLE_S
    while status == "NO" and monotonic() < deadline:  # a blob store that has just failed is left alone for a second
        client.untagged_responses.clear()
        status, answer = client.uid("FETCH", "1:*", "(BODY.PEEK[])")  # FETCH itself refuses 1:* where there is nothing
    assert status == "OK", answer
    pairs = [item for item in answer if isinstance(item, tuple)]
    uids = [int(re.search(rb"UID (\d+)", head)[1]) for head, _ in pairs]  # type: ignore[index]
    assert uids == sorted(set(uids)), "uids repeat or descend"
    client.logout()
    return [body for _, body in pairs]
