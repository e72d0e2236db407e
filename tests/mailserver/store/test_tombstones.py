"""What went long ago is forgotten, a little at a time; whoever asks is told of all that is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailserver.actor import SYSTEM
from mailserver.imap.folder_state import FolderState
from mailserver.imap.hub import load_state
from mailserver.store import entries, folder_changes, folders, fsck, raw, tombstones
from mailserver.store.store import Store
from tests.support.mail import Box


@pytest.fixture
def box(store: Store) -> Box:
    """In INBOX 1 to 9, of which 2, 3 and 5 went one after the other; in Archive one that stayed."""
    box = Box.make(store)
    box.put_many(9)
    box.put(name="Archive")
    for uid in (2, 3, 5):
        expunge(box, uid)
    return box


def now() -> datetime:
    return datetime.now(UTC)


def later() -> datetime:
    """When all of it is old."""
    return now() + tombstones.KEPT_FOR + timedelta(days=1)


def expunge(box: Box, *uids: int) -> int:
    """The modseq after it."""
    folder_id = box.folder().id
    box.store.db.write(lambda tx: entries.expunge_tx(tx, folder_id, list(uids)), SYSTEM)
    return box.folder().highestmodseq


def remembered(box: Box) -> list[int]:
    found = box.store.db.read(lambda conn: raw.rows(conn, "SELECT uid FROM tombstone ORDER BY uid"))
    return [uid for (uid,) in found]


def vanished(box: Box, modseq: int) -> list[int]:
    folder = box.folder()
    found = box.store.db.read(lambda conn: entries.vanished_since(conn, folder, modseq))
    return [uid for span in found for uid in span]


def in_order(box: Box) -> bool:
    return fsck.check(box.store.db, box.store.blobs) == []


def test_what_is_young_stays(box: Box) -> None:
    assert tombstones.prune(box.store.db, now()) == 0
    assert remembered(box) == [2, 3, 5]
    assert vanished(box, 0) == [2, 3, 5]


def test_what_is_old_is_forgotten_and_the_answers_stay_right(box: Box) -> None:
    before = box.folder().highestmodseq
    assert tombstones.prune(box.store.db, later()) == 3
    assert (remembered(box), box.folder().forgotten_modseq) == ([], before)
    after = expunge(box, 7)
    assert vanished(box, before - 1) == [2, 3, 5, 7]
    assert vanished(box, before) == [7]
    assert vanished(box, after) == []
    assert box.folder("Archive").forgotten_modseq == 0
    assert in_order(box)


def test_the_newest_of_many_stay(box: Box) -> None:
    last = box.folder().highestmodseq
    assert tombstones.prune(box.store.db, now(), most=2) == 1
    assert remembered(box) == [3, 5]
    assert vanished(box, last - 2) == [3, 5]
    assert tombstones.prune(box.store.db, now(), most=2) == 0
    assert in_order(box)


def test_those_that_went_at_once_are_forgotten_together(box: Box) -> None:
    """One modseq stands for all of them: none can be forgotten alone."""
    before = box.folder().highestmodseq
    expunge(box, 6, 7, 8)
    tombstones.prune(box.store.db, now(), most=1)
    assert remembered(box) == []
    assert vanished(box, before) == [2, 3, 5, 6, 7, 8]


def test_what_a_killed_process_left_behind_is_deleted_later(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tombstones, "_drop_tx", kill)
        with pytest.raises(KeyboardInterrupt):
            tombstones.prune(box.store.db, later())
    assert remembered(box) == [2, 3, 5]
    assert vanished(box, 0) == [2, 3, 5]
    assert in_order(box)
    assert tombstones.prune(box.store.db, now()) == 3
    assert (remembered(box), vanished(box, 0)) == ([], [2, 3, 5])


def kill(*_: object, **__: object) -> int:
    raise KeyboardInterrupt


def test_many_go_in_turns_of_small_transactions(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tombstones, "_BATCH", 2)
    expunge(box, 6, 7, 8, 9)
    assert [tombstones.prune(box.store.db, later(), turn=3) for _ in range(3)] == [4, 3, 0]
    assert remembered(box) == []


def test_a_folder_that_nobody_had_open_since_is_shown_as_it_is(box: Box) -> None:
    """A process keeps what it knew of a folder; news from before what is forgotten may name any uid."""
    folder_id, known = box.folder().id, state(box)
    expunge(box, 1, 9)
    box.put()
    tombstones.prune(box.store.db, later())
    news = box.store.db.read(lambda conn: entries.changes_since(conn, folder_id, known.modseq))
    known.apply(news.rows, news.expunged, news.highestmodseq)
    assert list(known.rows.uids) == box.uids() == [4, 6, 7, 8, 10]


def state(box: Box) -> FolderState:
    folder_id = box.folder().id
    return box.store.db.read(lambda conn: load_state(conn, folder_id))


def test_a_deleted_folder_leaves_nothing(box: Box) -> None:
    box.store.db.write(lambda tx: folders.create_tx(tx, 1, "Tạm"), SYSTEM)
    box.put(name="Tạm")
    folder_id = box.folder("Tạm").id
    box.store.db.write(lambda tx: entries.expunge_tx(tx, folder_id, [1]), SYSTEM)
    box.store.db.write(lambda tx: folder_changes.delete_tx(tx, 1, "Tạm"), SYSTEM)
    assert tombstones.prune(box.store.db, later()) == 3
