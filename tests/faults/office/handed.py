"""Files that are handed over, in pieces: whole for their recipients, told of once, gone when their time is over."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from threading import Event

from sqlalchemy import Connection, func, select, update

from mailbox_policies.sentfiles.schema import sent_file, sent_file_piece
from mailserver.actor import SYSTEM
from mailserver.store.tx import Tx
from tests.faults.office.house import House, none_of
from tests.faults.passing import Passing

PIECE = 40_000
LARGEST = 150_000
# Of the files that were handed over, one in so many has reached its time.
ENDS = 3


class Handed:
    """sent: names of files that the page said were handed over; unclear: others. octets: of each by its name."""

    def __init__(self, house: House, sender: str, receiver: str) -> None:
        self._house, self._sender, self._receiver = house, sender, receiver
        self.octets: dict[str, bytes] = {}
        self.sent: dict[str, int] = {}
        self.unclear: dict[str, int] = {}
        self.ended: set[int] = set()

    def prepare(self) -> None:
        self._web = self._house.visitor(self._sender)

    def live(self, stop: Event) -> None:
        number = 0
        while not stop.wait(0.05):
            number += 1
            name = f"file-{self._house.tag}-{number}.bin"
            self.octets[name] = random.randbytes(random.randrange(1, LARGEST))
            file_id = self._bring(name, stop)
            if file_id is not None:
                self._hand(name, file_id, stop)
                if name in self.sent and number % ENDS == 0:
                    self.ended.add(file_id)
                    self._house.store.db.write(lambda tx, one=file_id: _over_tx(tx, one), SYSTEM)  # type: ignore[misc]

    def _bring(self, name: str, stop: Event) -> int | None:
        """As the script of the page does it: announce, add, and after a broken line announce again and go on."""
        data = self.octets[name]
        while not stop.is_set():
            fields = {"name": name, "type": "application/octet-stream", "size": str(len(data)), "mark": name}
            answer = self._web.try_post("/tep/bat-dau", fields)
            while answer is not None and answer.status == 200:
                said = json.loads(answer.text)
                start = int(said["received"])
                if start == len(data):
                    return int(said["id"])
                answer = self._add(int(said["id"]), start, data[start : start + PIECE])
            assert answer is None or answer.status == 409, (answer.status, answer.text[-2000:])
        return None

    def _add(self, file_id: int, start: int, piece: bytes):  # type: ignore[no-untyped-def]
        web, path = self._web, f"/tep/{file_id}/doan?tu={start}"
        headers = {"Content_Type": "application/octet-stream", "X_CSRFToken": web.token()}
        return web.tried(path, lambda: web.ask("POST", path, piece, **headers))

    def _hand(self, name: str, file_id: int, stop: Event) -> None:
        fields = {
            "to": self._house.address(self._receiver),
            "days": "7",
            "note": "",
            "upload": str(file_id),
            "seen": "",
        }
        self.unclear[name] = file_id
        answer, tries = self._web.until_answered("/tep/moi", fields, stop)
        if answer is not None and answer.status == 303:
            self.sent[name] = self.unclear.pop(name)
        elif answer is not None:  # a try before has done it, and its answer was lost
            assert answer.status == 422 and tries, (answer.status, answer.text[-3000:])
            self.sent[name] = self.unclear.pop(name)

    def quiet(self) -> bool:
        return self._house.store.db.read(_due) == 0

    def judge(self, passing: Passing) -> None:
        told = self._house.subjects(self._receiver)
        reader = self._house.visitor(self._receiver)
        letters = {name: told[f"Tệp gửi qua hệ thống: {name}"] for name in self.octets}
        changed, not_gone = [], []
        for name, file_id in {**self.sent, **self.unclear}.items():
            answer = reader.get(f"/tep/{file_id}/tai")
            if file_id in self.ended:
                if answer.status != 404:
                    not_gone.append(name)
            elif answer.status == 200 and answer.body != self.octets[name]:
                changed.append((name, answer.status))
            elif (answer.status == 200) != bool(letters[name]):
                changed.append((name, answer.status, letters[name]))
        pieces = self._house.store.db.read(lambda conn: _pieces(conn, self.ended))
        passing.tell(files_handed_over=len(self.sent), files_ended=len(self.ended))
        none_of(
            passing,
            files_told_of_not_once=[(name, letters[name]) for name in self.sent if letters[name] != 1],
            files_told_of_twice=[(name, n) for name, n in letters.items() if n > 1],
            files_changed_or_lost=changed,
            files_that_did_not_go=not_gone,
            files_pieces_left=pieces,
        )


def _over_tx(tx: Tx, file_id: int) -> None:
    """Its time has come."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    tx.conn.execute(update(sent_file).where(sent_file.c.id == file_id).values(expires_at=past))


def _due(conn: Connection) -> int:
    this = (sent_file.c.state == "ready") & (sent_file.c.expires_at <= datetime.now(UTC))
    return int(conn.execute(select(func.count()).select_from(sent_file).where(this)).scalar_one())


def _pieces(conn: Connection, files: set[int]) -> list[int]:
    query = select(sent_file_piece.c.file_id).where(sent_file_piece.c.file_id.in_(files))
    return list(conn.execute(query).scalars())
