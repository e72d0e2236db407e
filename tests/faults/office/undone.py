"""Letters from the web page that may be taken back for a while: each goes once, or never."""

from __future__ import annotations

import random
import re
import secrets
from collections import Counter
from datetime import timedelta
from threading import Event

from sqlalchemy import func, select, update

from mailserver.actor import SYSTEM
from mailserver.delivery import waiting
from mailserver.delivery.waiting_schema import waiting_letter
from mailserver.store.tx import Tx
from tests.faults.office.house import House, Visitor, none_of
from tests.faults.passing import Passing

TAKE_BACK = re.compile(r"/thu/soan/hoan-tac/\d+")


class Undone:
    """kept: letters that were to go; taken: of which the page said that they were taken back; unclear: others."""

    def __init__(self, house: House, writer: str, reader: str, *, waits: bool) -> None:
        self._house, self._writer, self._reader, self._waits = house, writer, reader, waits
        self.kept: set[str] = set()
        self.taken: set[str] = set()
        self.unclear: set[str] = set()

    @property
    def _kind(self) -> str:
        return f"{'wait' if self._waits else 'once'}-{self._house.tag}"

    def prepare(self) -> None:
        self._web = self._house.visitor(self._writer)
        wanted = max(waiting.CHOICES) if self._waits else 0
        answer = self._web.post("/thu/soan/cho-hoan-tac", {"seconds": str(wanted)})
        assert answer.status == 303, (answer.status, answer.text[-500:])

    def live(self, stop: Event) -> None:
        number, regretted = 0, list[tuple[str, str]]()
        while not stop.is_set():
            number += 1
            path = self._write(self._web, f"{self._kind}-{number}", stop)
            if path and random.random() < 0.7:
                regretted.append((f"{self._kind}-{number}", path))
            if self._waits and random.random() < 0.3:
                self._house.store.db.write(time_passes_tx, SYSTEM)  # and the worker is at it
            while regretted and random.random() < 0.6:
                self._take_back(self._web, *regretted.pop(), stop)

    def _write(self, web: Visitor, serial: str, stop: Event) -> str:
        """Where it is taken back, "" for nowhere."""
        own = self._house.address(self._writer)
        fields = {"identity": own, "to": self._house.address(self._reader), "subject": serial, "text": "Kính gửi."}
        fields |= {"message_id": f"{secrets.token_hex(16)}@{self._house.product.domain}", "do": "send"}
        self.unclear.add(serial)
        answer, tries = web.until_answered("/thu/soan", fields, stop)
        if answer is None:
            return ""
        assert answer.status == 303 or (answer.status == 409 and tries), (answer.status, answer.text[-3000:])
        self.unclear.discard(serial)
        self.kept.add(serial)
        return self._way_back(web) if self._waits and answer.status == 303 else ""

    def _way_back(self, web: Visitor) -> str:
        """What the last button "Hoàn tác" of the next page posts to: those before it are of pages that never came."""
        page = web.try_get("/thu/")
        while page is not None and page.status == 303:
            page = web.try_get(page.headers["location"])
        return (["", *TAKE_BACK.findall(page.text if page is not None else "")])[-1]

    def _take_back(self, web: Visitor, serial: str, path: str, stop: Event) -> None:
        answer, tries = web.until_answered(path, {}, stop)
        if answer is not None and "nhap=" in answer.headers.get("location", ""):
            self.kept.discard(serial)
            self.taken.add(serial)
        elif answer is None or tries:  # it may have been an earlier try that took it back
            self.kept.discard(serial)
            self.unclear.add(serial)

    def quiet(self) -> bool:
        self._house.store.db.write(time_passes_tx, SYSTEM)
        count = select(func.count()).select_from(waiting_letter)
        return self._house.store.db.read(lambda conn: conn.execute(count).scalar_one()) == 0

    def judge(self, passing: Passing) -> None:
        came = self._house.subjects(self._reader)
        sent, drafts = (self._house.subjects(self._writer, folder) for folder in ("Sent", "Drafts"))

        def places(serial: str) -> tuple[int, int, int]:
            return came[serial], sent[serial], drafts[serial]

        went, stayed, nowhere = (1, 1, 0), (0, 0, 1), (0, 0, 0)
        name = "waiting" if self._waits else "sent"
        passing.tell(**{f"{name}_letters": len(self.kept), f"{name}_taken_back": len(self.taken)})
        wrong = {
            f"{name}_not_once": [(one, places(one)) for one in sorted(self.kept) if places(one) != went],
            f"{name}_sent_though_taken_back": [
                (one, places(one)) for one in sorted(self.taken) if places(one) != stayed
            ],
            f"{name}_in_between": [
                (one, places(one)) for one in sorted(self.unclear) if places(one) not in (went, stayed, nowhere)
            ],
        }
        none_of(passing, **wrong)
        known = self.kept | self.taken | self.unclear
        all_ = Counter(came) + sent + drafts
        none_of(passing, **{f"{name}_made_up": [one for one in all_ if self._kind in one and one not in known]})


def time_passes_tx(tx: Tx) -> None:
    """Letters that wait are due."""
    tx.conn.execute(update(waiting_letter).values(due_at=tx.now - timedelta(seconds=1)))
