"""An installation whose processes are killed, and what the people in it share: browsers, mailboxes, a look inside."""

from __future__ import annotations

import contextlib
import email.header
import email.parser
import http.client
import imaplib
import random
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Protocol

from imapclient.imap_utf7 import encode

from mailserver.directory import principals
from mailserver.store.store import Store
from tests.e2e.product import Product
from tests.e2e.webvisitor import Answer, WebVisitor
from tests.faults.installed import PASSWORD
from tests.faults.mailflow import RETRY_S
from tests.faults.passing import Passing

PATIENCE_S = 60.0
# What a procedure shows of each kind of trouble.
SAMPLES = 8


class Hurried(Product):
    """The product with `tests.faults.hurried`'s periods."""

    def vanthu(self) -> list[str]:
        plain = super().vanthu()
        return ["tests.faults.hurried" if word == "deploy" else word for word in plain]


@dataclass
class House:
    """The installation; store: a look inside beside its processes. answered: how many acts were. refused: pages that
    answered 5xx."""

    product: Product
    store: Store
    tag: str = field(default_factory=lambda: secrets.token_hex(3))
    answered: int = 0
    refused: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self) -> None:
        """One more act was answered."""
        with self.lock:
            self.answered += 1

    def address(self, name: str) -> str:
        return f"{name}@{self.product.domain}"

    def number(self, name: str) -> int:
        """The principal's."""
        found = self.store.db.read(lambda conn: principals.by_address(conn, self.address(name)))
        assert found is not None, name
        return found.id

    def visitor(self, name: str) -> Visitor:
        return Visitor(self, name)

    def mailbox(self, name: str) -> imaplib.IMAP4:
        """Signed in. Raises OSError, imaplib.IMAP4.error."""
        client = imaplib.IMAP4("127.0.0.1", self.product.ports.imap, timeout=PATIENCE_S)
        try:
            client.login(self.address(name), PASSWORD)
        except BaseException:
            client.shutdown()
            raise
        return client

    def subjects(self, name: str, folder: str = "INBOX") -> Counter[str]:
        """Of all mail in a folder; none where there is no such folder."""
        found: Counter[str] = Counter()
        client = self.mailbox(name)
        if client.select(quoted(folder), readonly=True)[0] == "OK":
            for item in client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]:
                if isinstance(item, tuple):
                    found[subject_of(item[1])] += 1
        client.logout()
        return found


class Visitor(WebVisitor):
    """A browser whose server may die at any moment: None for an answer that never came."""

    def __init__(self, house: House, name: str) -> None:
        super().__init__(house.product.ports.web)
        self.house, self.name, self._token = house, name, ""
        assert self.sign_in(house.address(name), PASSWORD).status == 303, name
        self._token = super().token()

    def token(self) -> str:
        return self._token or super().token()

    def try_get(self, path: str) -> Answer | None:
        return self.tried(path, lambda: self.get(path))

    def try_post(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> Answer | None:
        return self.tried(path, lambda: self.post(path, fields))

    def until_answered(
        self, path: str, fields: Mapping[str, str | Sequence[str]], stop: Event
    ) -> tuple[Answer | None, int]:
        """Post again and again, as a person presses reload; the first answer, and how many were none before it."""
        tries = 0
        while (answer := self.try_post(path, fields)) is None and not stop.is_set():
            tries += 1
        return answer, tries

    def tried(self, path: str, ask: Callable[[], Answer]) -> Answer | None:
        try:
            answer = ask()
        except (OSError, http.client.HTTPException):
            Event().wait(RETRY_S)
            return None
        if answer.status >= 500:
            with self.house.lock:
                self.house.refused.append(f"{self.name} {path}: {answer.status}")
            return None
        self.house.note()
        return answer


class Flow(Protocol):
    """One thing that people do all the time, and the books of what they were promised."""

    def prepare(self) -> None:
        """With the server running and nobody killed yet."""
        ...

    def live(self, stop: Event) -> None:
        """In a thread of its own, until `stop`."""
        ...

    def quiet(self) -> bool:
        """Afterwards, again and again: whether the worker has nothing left to do about it."""
        ...

    def judge(self, passing: Passing) -> None: ...


def none_of(passing: Passing, **troubles: Sequence[object]) -> None:
    """Each list has to be empty; a few samples are told."""
    for name, found in troubles.items():
        passing.exactly(0, **{name: len(found)})
        if found:
            passing.tell(**{f"{name}_samples": list(map(str, found[:SAMPLES]))})


def subject_of(header: bytes) -> str:
    raw = email.parser.BytesHeaderParser().parsebytes(header)["Subject"] or ""
    return re.sub(r"\s+", " ", str(email.header.make_header(email.header.decode_header(raw)))).strip()


def quoted(folder: str) -> str:
    """As it goes over the wire (RFC 3501 §5.1.3)."""
    return '"' + encode(folder).decode("ascii") + '"'


@contextlib.contextmanager
def breaking():  # type: ignore[no-untyped-def]
    """Work on a connection that may end at any moment."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error):
        Event().wait(RETRY_S)


def letter(sender: str, to: str, subject: str) -> bytes:
    words = " ".join(random.choices(["cong", "van", "hop", "bao", "cao", "tien", "do", "du", "thao"], k=30))
    number = secrets.token_hex(12)
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{number}@{sender.rpartition('@')[2]}>"
    return f"{head}\r\nDate: Thu, 26 Nov 2026 08:00:00 +0700\r\n\r\n{words}\r\n".encode()
