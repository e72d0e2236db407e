"""Trash whose time is over: told of once, removed into the vault once, back from it once; what is held stays."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from threading import Event
from time import time

from sqlalchemy import Connection, func, select, update

from mailbox_policies import choices
from mailbox_policies.modes import Mode
from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import HoldKind
from mailbox_policies.retention.schema import retention_item, retention_letter
from mailbox_policies.rules import retention
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.store import entries, folders
from mailserver.store.ingest import prepare
from mailserver.store.schema import entry, folder, message, removed_entry
from mailserver.store.tx import Tx
from tests.faults.appending import Client
from tests.faults.installed import PASSWORD
from tests.faults.office.house import PATIENCE_S, House, breaking, letter, none_of
from tests.faults.passing import Passing

# Messages that go into each Trash at once, while there are not so many: a letter names twenty at most.
AT_ONCE = 4
MOST_THERE = 16
A_YEAR = 366 * 86_400
WEEK = timedelta(days=8)
SUBJECT = "sắp hết hạn lưu"
ITEM = re.compile(r'name="id" value="(\d+)"')


class Retained:
    """put: serials in each person's Trash. moved: of which IMAP said that they are in INBOX; unclear: perhaps."""

    def __init__(self, house: House, people: Sequence[str], held: str) -> None:
        self._house, self._people, self._held = house, people, held
        self.put: dict[str, list[str]] = {name: [] for name in (*people, held)}
        self.moved: set[str] = set()
        self.restored = 0

    def prepare(self) -> None:
        self._web = self._house.visitor(self._people[0])
        self._numbers = {name: self._house.number(name) for name in self.put}

        def hold_tx(tx: Tx) -> None:
            agency, address = principals.agencies(tx.conn)[0].id, self._house.address(self._held)
            choices.set_tx(tx, agency, retention.RULE, Mode.ENFORCE, {})
            holds.hold_tx(tx, agency, HoldKind.MAILBOX, address, "Lệnh 12/QĐ", None, tx.now)

        self._house.store.db.write(hold_tx, SYSTEM)

    def live(self, stop: Event) -> None:
        number = 0
        while not stop.wait(0.2):
            for name in self.put:
                if self._house.store.db.read(lambda conn, own=self._numbers[name]: _overdue(conn, [own])) < MOST_THERE:  # type: ignore[misc]
                    self._put(name, [f"keep-{name}-{self._house.tag}-{number + k}" for k in range(AT_ONCE)])
                    number += AT_ONCE
            with breaking():
                self._rescue(self._people[-1])
            self._restore(stop)
            self._house.store.db.write(week_passes_tx, SYSTEM)

    def _put(self, name: str, serials: Sequence[str]) -> None:
        """As if they had been lying there for a year."""
        own = self._house.address(name)
        prepared = [prepare(letter(own, own, one), self._house.store.blobs) for one in serials]

        def work(tx: Tx) -> None:
            found = folders.find(tx.conn, self._numbers[name], "Trash")
            assert found is not None
            for one in prepared:
                uid = entries.append_tx(tx, found.id, one, 0, "", tx.now_s)
                this = (entry.c.folder_id == found.id) & (entry.c.uid == uid)
                tx.conn.execute(update(entry).where(this).values(save_date=int(time()) - A_YEAR))

        self._house.store.db.write(work, SYSTEM)
        self.put[name] += serials

    def _rescue(self, name: str) -> None:
        """Take the newest out of Trash while the rule is at it."""
        with closing(Client("127.0.0.1", self._house.product.ports.imap, timeout=PATIENCE_S)) as client:
            client.login(self._house.address(name), PASSWORD)
            client.select("Trash")
            serial = self.put[name][-1]
            uids = client.uid("SEARCH", "SUBJECT", serial)[1][0].split()
            if uids and client.uid("MOVE", uids[0].decode(), "INBOX")[0] == "OK":
                self.moved.add(serial)

    def _restore(self, stop: Event) -> None:
        page = self._web.try_get("/don-thu/khoi-phuc")
        found = ITEM.findall(page.text if page is not None else "")
        if found:
            fields = {"hop": str(self._numbers[self._people[0]]), "id": found[:2]}
            answer, _tries = self._web.until_answered("/don-thu/khoi-phuc", fields, stop)
            self.restored += 2 if answer is not None and answer.status == 303 else 0

    def quiet(self) -> bool:
        self._house.store.db.write(week_passes_tx, SYSTEM)
        owners = [self._numbers[name] for name in self._people]
        return self._house.store.db.read(lambda conn: _overdue(conn, owners)) == 0

    def judge(self, passing: Passing) -> None:
        read = self._house.store.db.read
        there, vault = Counter(read(_places)), Counter(read(_vault))
        doubled, lost, told_wrong, gone_wrong = [], [], [], []
        for name, serials in self.put.items():
            letters = self._named(name)
            for one in serials:
                trash, inbox, removed = there[one, "Trash"], there[one, "INBOX"], vault[one]
                if (count := trash + inbox + removed) != 1:
                    (doubled if count > 1 else lost).append((one, trash, inbox, removed))
                if letters[one] > 1 or (removed and letters[one] != 1):
                    told_wrong.append((one, letters[one]))
                if (one in self.moved and not inbox) or (name == self._held and not trash):
                    gone_wrong.append((one, trash, inbox, removed))
        removed_from = sum(vault.values())
        passing.tell(retention_put=sum(map(len, self.put.values())), retention_removed=removed_from)
        passing.tell(retention_restored=self.restored, retention_rescued=len(self.moved))
        none_of(
            passing,
            retention_lost=lost,
            retention_doubled=doubled,
            retention_told_not_once=told_wrong,
            retention_removed_though_held_or_moved=gone_wrong,
        )

    def _named(self, name: str) -> Counter[str]:
        """How often the letters to somebody name each message."""
        found: Counter[str] = Counter()
        client = self._house.mailbox(name)
        client.select("INBOX", readonly=True)
        for item in client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]:
            read = email.message_from_bytes(item[1], policy=email.policy.default) if isinstance(item, tuple) else None
            if read is not None and SUBJECT in str(read["Subject"]):
                found.update(re.findall(r"keep-\w+-[0-9a-f]+-\d+", read.get_content()))
        client.logout()
        return found


def week_passes_tx(tx: Tx) -> None:
    """All letters that were sent are a week older."""
    for table, column in ((retention_item, "told_at"), (retention_letter, "sent_at")):
        rows = tx.conn.execute(select(table).where(table.c[column].is_not(None))).all()
        for row in rows:
            this = [one == row[k] for k, one in enumerate(table.c) if one.primary_key]
            tx.conn.execute(update(table).where(*this).values({column: row._mapping[column] - WEEK}))


def _overdue(conn: Connection, owners: Sequence[int]) -> int:
    """Mail in Trash that lies there for longer than the rule allows."""
    query = (
        select(func.count())
        .select_from(entry.join(folder, folder.c.id == entry.c.folder_id))
        .where(folder.c.name == "Trash", folder.c.owner_id.in_(owners), entry.c.save_date < int(time()) - A_YEAR // 2)
    )
    return int(conn.execute(query).scalar_one())


def _places(conn: Connection) -> list[tuple[str, str]]:
    query = (
        select(message.c.subject, folder.c.name)
        .select_from(entry.join(folder, folder.c.id == entry.c.folder_id))
        .join(message, message.c.id == entry.c.message_pk)
        .where(message.c.subject.like("keep-%"))
    )
    return [(subject, name) for subject, name in conn.execute(query)]


def _vault(conn: Connection) -> list[str]:
    query = select(message.c.subject).join(removed_entry, removed_entry.c.message_pk == message.c.id)
    return list(conn.execute(query.where(message.c.subject.like("keep-%"))).scalars())
