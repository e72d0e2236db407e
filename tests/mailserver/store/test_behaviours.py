"""Folder behaviours are asked inside the transaction, and their refusal undoes everything."""

from dataclasses import dataclass, field
from functools import partial

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import entries, folders
from mailserver.store.behaviours import How, Passing
from mailserver.store.entries import Target
from mailserver.store.errors import MoveRefused, StoreUnavailable
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.mail import Box, letter


@dataclass
class Recorder:
    """Notes what it is asked; refuses if told to; makes a folder, to show that this is undone too."""

    refuse: bool = False
    asked: list[tuple[str, Passing]] = field(default_factory=list)
    traces: int = 0

    def entering(self, tx: Tx, passing: Passing) -> None:
        self._note(tx, "entering", passing)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        self._note(tx, "leaving", passing)

    def _note(self, tx: Tx, what: str, passing: Passing) -> None:
        self.asked.append((what, passing))
        self.traces += 1
        folders.create_tx(tx, 1, f"Dấu vết {self.traces}")
        if self.refuse:
            raise MoveRefused("Chưa lập hồ sơ.")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def box(store: Store, recorder: Recorder) -> Box:
    store.db.behaviours = {"desk": recorder}
    box = Box.make(store)
    for name in ("Chờ xử lý", "Kết thúc"):
        store.db.write(partial(folders.create_tx, owner_id=1, name=name, behaviour="desk"), SYSTEM)
    return box


def test_a_move_asks_both_folders_with_what_passes(box: Box, recorder: Recorder) -> None:
    box.put(name="Chờ xử lý")
    recorder.asked.clear()
    source, target = box.folder("Chờ xử lý"), box.folder("Kết thúc")
    pk = box.rows("Chờ xử lý")[0].message_pk
    box.store.db.write(lambda tx: entries.move_tx(tx, source.id, [1, 9], target.id), SYSTEM)
    assert [what for what, _ in recorder.asked] == ["leaving", "entering"]
    assert recorder.asked[0][1] == Passing(How.MOVE, source.ref, target.ref, [1], [pk])
    assert box.uids("Kết thúc") == [1]


def test_a_refused_move_changes_nothing(box: Box, recorder: Recorder) -> None:
    box.put(name="Chờ xử lý")
    recorder.asked.clear()
    recorder.refuse = True
    source, target = box.folder("Chờ xử lý"), box.folder("Kết thúc")
    with pytest.raises(MoveRefused, match="Chưa lập hồ sơ"):
        box.store.db.write(lambda tx: entries.move_tx(tx, source.id, [1], target.id), SYSTEM)
    assert box.uids("Chờ xử lý") == [1]
    assert box.folder("Chờ xử lý") == source
    assert box.folder("Kết thúc") == target
    assert recorder.traces == 2
    assert box.store.db.read(lambda conn: folders.find(conn, 1, "Dấu vết 2")) is None


def test_copy_append_delivery_and_expunge_are_asked_too(box: Box, recorder: Recorder) -> None:
    desk = box.folder("Chờ xử lý")
    box.put()
    inbox = box.folder().id
    box.store.db.write(lambda tx: entries.copy_tx(tx, inbox, [1], desk.id), SYSTEM)
    box.put(name="Chờ xử lý")
    prepared = prepare(letter(), box.store.blobs)
    targets = [Target(desk.id, recipient_detail="một"), Target(desk.id, recipient_detail="hai"), Target(inbox)]
    box.store.db.write(lambda tx: entries.deliver_tx(tx, store_message_tx(tx, prepared), targets, 1), SYSTEM)
    box.store.db.write(lambda tx: entries.expunge_tx(tx, desk.id, [1, 2]), SYSTEM)
    said = [(what, passing.how, passing.recipient_detail) for what, passing in recorder.asked]
    assert said == [
        ("entering", How.COPY, ""),
        ("entering", How.APPEND, ""),
        ("entering", How.DELIVER, "một"),
        ("entering", How.DELIVER, "hai"),
        ("leaving", How.EXPUNGE, ""),
    ]
    assert box.uids("Chờ xử lý") == [3]


def test_the_room_itself_is_not_asked(box: Box, recorder: Recorder) -> None:
    desk, done = box.folder("Chờ xử lý").id, box.folder("Kết thúc").id
    prepared = prepare(letter(), box.store.blobs)

    def work(tx: Tx) -> None:
        entries.append_tx(tx, desk, prepared, 0, "", 1, guarded=False)
        entries.move_tx(tx, desk, [1], done, guarded=False)
        entries.expunge_tx(tx, done, [1], guarded=False)

    box.store.db.write(work, SYSTEM)
    assert recorder.asked == []


def test_a_behaviour_may_move_the_very_entries(box: Box, recorder: Recorder) -> None:
    box.put(name="Chờ xử lý")
    source, target = box.folder("Chờ xử lý").id, box.folder("Kết thúc").id
    archive = box.folder("Archive").id

    class Diverter(Recorder):
        def leaving(self, tx: Tx, passing: Passing) -> None:
            entries.move_tx(tx, source, passing.uids, archive, guarded=False)

        def entering(self, tx: Tx, passing: Passing) -> None:
            entries.append_tx(tx, target, passing.message_pks[0], 0, "", 1, guarded=False)

    box.store.db.behaviours = {"desk": Diverter()}
    assert box.store.db.write(lambda tx: entries.move_tx(tx, source, [1], target), SYSTEM) == []
    assert (box.uids("Chờ xử lý"), box.uids("Archive"), box.uids("Kết thúc")) == ([], [1], [1])
    prepared = prepare(letter(), box.store.blobs)
    box.store.db.write(lambda tx: entries.append_tx(tx, target, prepared, 0, "", 1), SYSTEM)
    assert box.uids("Kết thúc") == [1, 2, 3]


def test_a_behaviour_that_this_process_does_not_know_stops_the_step(box: Box) -> None:
    box.store.db.behaviours = {}
    with pytest.raises(StoreUnavailable):
        box.put(name="Chờ xử lý")
