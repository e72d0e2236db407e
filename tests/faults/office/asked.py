"""Requests for comments that nobody answers: asked once, reminded once, told once that the time is over."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from threading import Event

from sqlalchemy import Connection, func, select, update

from mailserver.actor import SYSTEM
from mailserver.store.tx import Tx
from routing.comments.schema import comment_invitee, comment_request
from tests.faults.office.house import House, none_of
from tests.faults.passing import Passing

# Time passes after so many requests.
EACH = 3
LETTERS = ("[Lấy ý kiến] ", "Sắp đến hạn góp ý: ", "Đã hết hạn góp ý: ")


class Asked:
    """promised: serials of requests that the page confirmed; unclear: others."""

    def __init__(self, house: House, asker: str, people: tuple[str, ...]) -> None:
        self._house, self._asker, self._people = house, asker, people
        self.promised: set[str] = set()
        self.unclear: set[str] = set()

    def prepare(self) -> None:
        self._web = self._house.visitor(self._asker)
        page = self._web.get("/lay-y-kien/moi").text
        offered = {name: n for n, name in re.findall(r'value="(\d+)"[^>]*><span[^>]*>[^<]*<span[^>]*>(\w+)@', page)}
        self._numbers = [offered[name] for name in self._people]

    def live(self, stop: Event) -> None:
        number = 0
        while not stop.wait(0.05):
            number += 1
            serial = f"ask-{self._house.tag}-{number}"
            due = f"{date.today() + timedelta(days=9)}T17:00"
            self.unclear.add(serial)
            fields = {"subject": serial, "question": "Góp ý Điều 3.", "due": due, "people": self._numbers}
            answer = self._web.try_post("/lay-y-kien/moi", fields)
            if answer is not None:
                assert answer.status == 303, answer.text[-3000:]
                self.unclear.discard(serial)
                self.promised.add(serial)
            if number % EACH == 0:
                self._house.store.db.write(days_pass_tx, SYSTEM)

    def quiet(self) -> bool:
        self._house.store.db.write(days_pass_tx, SYSTEM)
        return self._house.store.db.read(_unlisted) == 0

    def judge(self, passing: Passing) -> None:
        boxes = {name: self._house.subjects(name) for name in self._people}
        own = self._house.subjects(self._asker)
        silent = f"Chưa trả lời lấy ý kiến ({len(self._people)}/{len(self._people)}): "
        passing.tell(comment_requests=len(self.promised))
        wrong, half = [], []
        for serial in sorted(self.promised | self.unclear):
            counts = [_about(box, start, serial) for box in boxes.values() for start in LETTERS]
            counts.append(own[silent + serial])
            if serial in self.promised and set(counts) != {1}:
                wrong.append((serial, counts))
            if serial in self.unclear and set(counts) not in ({0}, {1}):
                half.append((serial, counts))
        none_of(passing, comment_letters_not_once=wrong, comment_requests_by_halves=half)


def days_pass_tx(tx: Tx) -> None:
    """Reminders of what is open fall due; where all have gone out, the time is over."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    request, invitee = comment_request.c, comment_invitee.c
    unwarned = select(invitee.id).where(invitee.request_id == request.id, invitee.warned_at.is_(None)).exists()
    over = (request.remind_at <= past) & ~unwarned & (request.due_at > past)
    tx.conn.execute(update(comment_request).where(over).values(due_at=past))
    tx.conn.execute(update(comment_request).where(request.remind_at > past).values(remind_at=past))


def _unlisted(conn: Connection) -> int:
    query = select(func.count()).select_from(comment_request).where(comment_request.c.listed_at.is_(None))
    return int(conn.execute(query).scalar_one())


def _about(box: Counter[str], start: str, serial: str) -> int:
    return sum(n for subject, n in box.items() if subject.startswith(start) and serial in subject.split())
