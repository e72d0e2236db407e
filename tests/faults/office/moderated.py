"""Letters to a list that wait for its owner, who lets every other one go: each is kept, told of and decided once."""

from __future__ import annotations

import contextlib
import re
import smtplib
from collections import Counter
from threading import Event

from sqlalchemy import func, select

from deploy import mailing
from mailbox_policies.schema import kept_message
from mailserver.actor import SYSTEM
from mailserver.directory.mailing_lists import Posting, Reach, Role
from mailserver.store.tx import Tx
from tests.faults.installed import PASSWORD
from tests.faults.mailflow import RETRY_S
from tests.faults.office.house import PATIENCE_S, House, letter, none_of
from tests.faults.passing import Passing

KEPT = re.compile(r"/thu-giu/(\d+)\b")


class Moderated:
    """taken: acknowledged by SMTP; unclear: nobody said. decided: what the page confirmed, by number."""

    def __init__(self, house: House, writer: str, owner: str, members: tuple[str, ...]) -> None:
        self._house, self._writer, self._owner, self._members = house, writer, owner, members
        self._list = house.address("danhsach")
        self.taken: set[str] = set()
        self.unclear: set[str] = set()
        self.decided: dict[int, str] = {}

    def prepare(self) -> None:
        self._house.store.db.write(self._make_tx, SYSTEM)
        self._web = self._house.visitor(self._owner)

    def _make_tx(self, tx: Tx) -> None:
        mailing.add_tx(tx, self._list, "Danh sách thử", {"posting": Posting.POSTERS, "moderated": True})
        mailing.role_tx(tx, self._list, self._house.address(self._owner), Role.OWNER, remove=False)
        members = tuple(map(self._house.address, self._members))
        mailing.members_tx(tx, self._list, members, Reach.MAILBOX, remove=False)

    def live(self, stop: Event) -> None:
        number = 0
        while not stop.wait(RETRY_S):
            with contextlib.suppress(OSError, smtplib.SMTPException):
                ports = self._house.product.ports
                with smtplib.SMTP("127.0.0.1", ports.submission, timeout=PATIENCE_S) as client:
                    client.login(self._house.address(self._writer), PASSWORD)
                    while not stop.is_set():
                        number += 1
                        self._send(client, f"list-{self._house.tag}-{number}")
                        self._decide(stop)

    def _send(self, client: smtplib.SMTP, serial: str) -> None:
        sender = self._house.address(self._writer)
        self.unclear.add(serial)
        client.sendmail(sender, [self._list], letter(sender, self._list, serial))
        self.unclear.discard(serial)
        self.taken.add(serial)
        self._house.note()

    def _decide(self, stop: Event) -> None:
        page = self._web.try_get("/thu-giu/")
        for number in {int(found) for found in KEPT.findall(page.text if page is not None else "")}:
            what = "release" if number % 2 else "refuse"
            answer, _tries = self._web.until_answered(
                f"/thu-giu/{number}", {"do": what, "reason": "Theo quy chế"}, stop
            )
            if answer is not None:
                assert answer.status == 303, answer.status
                self.decided[number] = "released" if number % 2 else "refused"

    def quiet(self) -> bool:
        """The owner decides on what is left."""
        self._decide(Event())
        waiting = select(func.count()).select_from(kept_message).where(kept_message.c.state == "waiting")
        return self._house.store.db.read(lambda conn: conn.execute(waiting).scalar_one()) == 0

    def judge(self, passing: Passing) -> None:
        query = select(kept_message.c.id, kept_message.c.state, kept_message.c.message_pk)
        rows = self._house.store.db.read(lambda conn: conn.execute(query).all())
        state = {row.id: row.state for row in rows}
        told = self._house.subjects(self._owner)
        back = self._house.subjects(self._writer)
        inboxes = [self._house.subjects(one) for one in self._members]
        released, refused = (Counter(state.values())[one] for one in ("released", "refused"))
        passing.tell(list_letters=len(self.taken), list_released=released, list_refused=refused)
        possible = len(self.taken), len(self.taken | self.unclear)
        serials = {one for box in (back, *inboxes) for one in _serials(box, self._house.tag)}
        answered = {one: sum(n for subject, n in back.items() if one in subject.split()) for one in serials}
        copies = {one: [box[one] for box in inboxes] for one in serials}
        none_of(
            passing,
            list_decided_otherwise=[(n, state.get(n), one) for n, one in self.decided.items() if state.get(n) != one],
            list_kept_not_once=[] if possible[0] <= len(rows) <= possible[1] else [(len(rows), possible)],
            list_owner_told_not_once=[] if _moderations(told) == len(rows) else [(_moderations(told), len(rows))],
            list_sender_told_not_once=[one for one, count in answered.items() if count != 1],
            list_copies_not_once=[(one, found) for one, found in copies.items() if found not in ([1, 1], [0, 0])],
            list_made_up=[one for one in serials if one not in self.taken | self.unclear],
        )
        passing.exactly(released, list_letters_that_came=sum(found == [1, 1] for found in copies.values()))
        passing.exactly(released + refused, list_letters_answered=len(answered))


def _serials(box: Counter[str], tag: str) -> list[str]:
    return [word for subject in box for word in subject.split() if word.startswith(f"list-{tag}-")]


def _moderations(box: Counter[str]) -> int:
    return sum(count for subject, count in box.items() if subject.startswith("Thư chờ duyệt:"))
