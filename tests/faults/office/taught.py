"""Mail moved into Junk and out of it again: the classifier counts each message once, as its last place says."""

from __future__ import annotations

import smtplib
from collections import Counter
from contextlib import closing
from threading import Event

from sqlalchemy import func, select

from mailbox_policies.spam import learning
from mailbox_policies.spam.schema import spam_feature, spam_lesson, spam_scope
from mailserver.store.schema import entry, folder, message
from tests.faults.appending import Client
from tests.faults.installed import PASSWORD
from tests.faults.mailflow import RETRY_S
from tests.faults.office.house import PATIENCE_S, House, breaking, letter, none_of
from tests.faults.passing import Passing

# Of the messages moved into Junk, one in so many comes back.
BACK = 3


class Taught:
    """moved: how often the server said that it had moved something."""

    def __init__(self, house: House, reader: str, messages: int) -> None:
        self._house, self._reader, self._messages = house, reader, messages
        self.moved = 0

    def prepare(self) -> None:
        to = self._house.address(self._reader)
        with smtplib.SMTP("127.0.0.1", self._house.product.ports.smtp, timeout=PATIENCE_S) as client:
            for number in range(self._messages):
                sender = f"ngoai{number}@example.net"
                client.sendmail(sender, [to], letter(sender, to, f"junk-{self._house.tag}-{number}"))

    def live(self, stop: Event) -> None:
        number = 0
        while not stop.wait(RETRY_S):
            with breaking(), closing(self._sign_in()) as client:
                while not stop.wait(RETRY_S):
                    number += 1
                    back = number % BACK == 0
                    self._move(client, *(("Junk", "INBOX") if back else ("INBOX", "Junk")))

    def _sign_in(self) -> Client:
        client = Client("127.0.0.1", self._house.product.ports.imap, timeout=PATIENCE_S)
        try:
            client.login(self._house.address(self._reader), PASSWORD)
        except BaseException:
            client.close()
            raise
        return client

    def _move(self, client: Client, source: str, target: str) -> None:
        client.select(source)
        uids = client.uid("SEARCH", "SUBJECT", "junk")[1][0].split()
        if uids and client.uid("MOVE", uids[0].decode(), target)[0] == "OK":
            self.moved += 1
            self._house.note()

    def quiet(self) -> bool:
        """Nothing waits to be learned, and what lies in Junk is what was learned as unwanted."""
        store = self._house.store
        waiting = select(func.count()).select_from(spam_lesson).where(spam_lesson.c.waiting)
        return store.db.read(lambda conn: conn.execute(waiting).scalar_one()) == 0 and self._junk() == self._spam()

    def _junk(self) -> set[int]:
        owner = self._house.number(self._reader)
        query = (
            select(entry.c.message_pk)
            .join(folder, folder.c.id == entry.c.folder_id)
            .join(message, message.c.id == entry.c.message_pk)
            .where(folder.c.owner_id == owner, folder.c.name == "Junk", message.c.subject.like("junk-%"))
        )
        return set(self._house.store.db.read(lambda conn: conn.execute(query).scalars().all()))

    def _spam(self) -> set[int]:
        query = select(spam_lesson.c.message_pk).where(spam_lesson.c.learned == "spam")
        return set(self._house.store.db.read(lambda conn: conn.execute(query).scalars().all()))

    def judge(self, passing: Passing) -> None:
        lessons = select(spam_lesson.c.message_pk, spam_lesson.c.learned, spam_lesson.c.scopes)
        scopes = select(spam_scope.c.scope_id, spam_scope.c.ham, spam_scope.c.spam)
        features = select(spam_feature.c.scope_id, spam_feature.c.feature, spam_feature.c.ham, spam_feature.c.spam)
        read = self._house.store.db.read
        taught, counted, rows = (read(lambda conn, q=q: conn.execute(q).all()) for q in (lessons, scopes, features))  # type: ignore[misc]
        wanted: Counter[tuple[int, ...]] = Counter()
        for pk, learned, of in taught:
            found = learning.features_of(self._house.store, pk) or ()
            for scope in of:
                wanted[(scope, learned == "spam")] += 1
                for one in found:
                    wanted[(scope, one, learned == "spam")] += 1
        real: Counter[tuple[int, ...]] = Counter()
        for *key, ham, spam in (*counted, *rows):
            real[(*key, False)], real[(*key, True)] = ham, spam
        passing.tell(junk_moves=self.moved, junk_lessons=len(taught), junk_counts=len(rows))
        came = self._house.subjects(self._reader) + self._house.subjects(self._reader, "Junk")
        mine = {f"junk-{self._house.tag}-{n}": came[f"junk-{self._house.tag}-{n}"] for n in range(self._messages)}
        none_of(
            passing,
            junk_counted_otherwise=[
                (key, real[key], wanted[key]) for key in real.keys() | wanted.keys() if real[key] != wanted[key]
            ],
            junk_learned_otherwise=sorted(self._junk() ^ self._spam()),
            junk_messages_not_once=[(one, n) for one, n in mine.items() if n != 1],
        )
