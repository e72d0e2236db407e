"""Messages that come through IMAP while processes are killed: APPEND, flags, and the uids that a client has seen."""

from __future__ import annotations

import contextlib
import hashlib
import imaplib
import itertools
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.mailflow import RETRY_S, Ledger, make

PATIENCE_S = 60.0
_HEAD = "(UID FLAGS BODY.PEEK[HEADER.FIELDS (X-LOSS-SERIAL)])"
_FACTS = re.compile(rb"UID (\d+) FLAGS \(([^)]*)\)")
_SERIAL = re.compile(rb"X-Loss-Serial: (\S+)")


@dataclass(frozen=True)
class Listed:
    """One message as a client keeps it in mind."""

    serial: str
    flags: frozenset[str]


@dataclass
class Seen:
    """What a client has been told of one INBOX: uidvalidity, and each uid's message."""

    validity: str = ""
    by_uid: dict[int, Listed] = field(default_factory=dict)


def listing(client: imaplib.IMAP4, first: int = 1) -> Seen:
    """INBOX from uid `first` on. Raises OSError, imaplib.IMAP4.error."""
    client.select("INBOX", readonly=True)
    seen = Seen(client.response("UIDVALIDITY")[1][0].decode())
    for item in client.uid("FETCH", f"{first}:*", _HEAD)[1]:
        if isinstance(item, tuple) and (facts := _FACTS.search(item[0])) and int(facts[1]) >= first:
            serial = _SERIAL.search(item[1])
            flags = frozenset(facts[2].decode().split())
            seen.by_uid[int(facts[1])] = Listed(serial[1].decode() if serial else "?", flags)
    return seen


class Client(imaplib.IMAP4):
    """Closes its socket where a `with closing` ends, whatever state it is in."""

    def close(self) -> None:  # type: ignore[override]
        self.shutdown()


class MailClients:
    """People who file mail by APPEND, flag it, and look at what has come; each in a thread of its own.

    flags: what was acknowledged, by serial. uid_trouble: uids that were another message before, or are gone.
    """

    def __init__(self, tag: str, port: int, logins: Sequence[str], password: str, ledger: Ledger) -> None:
        """ledger: of the deliveries; what is appended goes into it too."""
        self._tag, self._port, self._password, self._ledger = f"{tag}append", port, password, ledger
        self._stop = threading.Event()
        self._seen = {login: Seen() for login in logins}
        self.flags: dict[str, set[str]] = {}
        self.uid_trouble: list[str] = []
        self._threads = [threading.Thread(target=self._live, args=(number,)) for number in range(len(logins))]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def compare(self) -> list[str]:
        """Look once more, at everything: the serials without a flag that was acknowledged."""
        found: dict[str, frozenset[str]] = {}
        for login, before in self._seen.items():
            with contextlib.closing(self._sign_in(login)) as client:
                now = listing(client)
            self._note(login, now)
            self.uid_trouble += [one.serial for uid, one in before.by_uid.items() if uid not in now.by_uid]
            found |= {one.serial: one.flags for one in now.by_uid.values()}
        return [serial for serial, flags in self.flags.items() if not flags <= found.get(serial, frozenset())]

    def _live(self, number: int) -> None:
        """Until stopped: sign in, and act until the connection breaks."""
        login = list(self._seen)[number]
        numbers = itertools.count(number, len(self._seen))
        while not self._stop.wait(RETRY_S):
            with contextlib.suppress(OSError, imaplib.IMAP4.error), contextlib.closing(self._sign_in(login)) as client:
                while not self._stop.is_set():
                    self._append(client, login, next(numbers))
                    self._note(login, listing(client, max(self._seen[login].by_uid, default=0) + 1))

    def _sign_in(self, login: str) -> Client:
        client = Client("127.0.0.1", self._port, timeout=PATIENCE_S)
        try:
            client.login(login, self._password)
        except BaseException:
            client.close()
            raise
        return client

    def _append(self, client: imaplib.IMAP4, login: str, number: int) -> None:
        """One message with a flag, and another flag set afterwards; both go into the books when they are answered."""
        data, serial = make(self._tag, number, login), f"{self._tag}.{number}"
        self._ledger.unknown.add(serial)
        status, answer = client.append("INBOX", "(\\Flagged)", "", data)
        if status != "OK":
            return
        self._ledger.acknowledged[serial] = hashlib.sha256(data).digest()
        self.flags[serial] = {"\\Flagged"}
        uid = answer[0].split(b"]")[0].split()[-1].decode()
        client.select("INBOX")
        if client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Answered)")[0] == "OK":
            self.flags[serial].add("\\Answered")

    def _note(self, login: str, now: Seen) -> None:
        """Keep what a look has shown; what contradicts an earlier one is trouble."""
        before = self._seen[login]
        if before.validity not in ("", now.validity):
            self.uid_trouble.append(f"{login}: uidvalidity {before.validity}, now {now.validity}")
        before.validity = now.validity
        for uid, one in now.by_uid.items():
            if before.by_uid.setdefault(uid, one).serial != one.serial:
                self.uid_trouble.append(one.serial)
