"""Entries of folders: coming, going, flags, and the counters that move with them."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import entries, folders, fsck
from mailserver.store.entries import FlagChange, Row, Target
from mailserver.store.errors import FolderMissing, KeywordsInvalid
from mailserver.store.flags import MAX_KEYWORDS, Flag
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.mail import Box, letter


@pytest.fixture
def box(store: Store) -> Box:
    return Box.make(store)


def write(box: Box, work: Callable[[Tx], Any]) -> Any:
    return box.store.db.write(work, SYSTEM)


def changes(box: Box, modseq: int, name: str = "INBOX") -> entries.Changes:
    folder_id = box.folder(name).id
    return box.store.db.read(lambda conn: entries.changes_since(conn, folder_id, modseq))


def test_an_appended_message_is_there_with_its_flags_and_counted(box: Box) -> None:
    data = letter()
    assert box.put(data, flags=int(Flag.SEEN), keywords="$Forwarded") == 1
    assert box.put(data) == 2
    folder = box.folder()
    assert (folder.messages, folder.unseen, folder.deleted, folder.size) == (2, 1, 0, 2 * len(data))
    assert (folder.uidnext, folder.highestmodseq) == (3, 3)
    first = box.rows()[0]
    assert first[:5] == (1, first.message_pk, 1, "$Forwarded", 1_767_571_200)
    assert first.size == len(data)


def test_one_delivery_to_many_folders_is_one_message(store: Store) -> None:
    boxes = [Box.make(store, owner) for owner in range(1, 21)]
    prepared = prepare(letter(), store.blobs)
    targets = [Target(box.folder().id) for box in boxes]

    def deliver(tx: Tx) -> list[entries.Delivered]:
        return entries.deliver_tx(tx, store_message_tx(tx, prepared), [*targets, targets[0]], 5)

    delivered = store.db.write(deliver, SYSTEM)
    assert [(one.folder_id, one.uid) for one in delivered] == [(target.folder_id, 1) for target in targets]
    assert {box.rows()[0].message_pk for box in boxes} == {boxes[0].rows()[0].message_pk}
    assert fsck.check(store.db, store.blobs) == []


def test_delivering_to_a_folder_that_is_gone_delivers_nowhere(box: Box) -> None:
    prepared = prepare(letter(), box.store.blobs)
    targets = [Target(box.folder().id), Target(9999)]
    with pytest.raises(FolderMissing):
        write(box, lambda tx: entries.deliver_tx(tx, store_message_tx(tx, prepared), targets, 5))
    assert box.rows() == []


def test_copying_keeps_flags_and_dates_and_skips_what_is_gone(box: Box) -> None:
    box.put_many(4)
    source, target = box.folder().id, box.folder("Archive").id
    write(box, lambda tx: entries.store_flags_tx(tx, source, [2], FlagChange.SET, 5, ["$x"]))
    write(box, lambda tx: entries.expunge_tx(tx, source, [3]))
    assert write(box, lambda tx: entries.copy_tx(tx, source, [4, 2, 3, 77], target)) == [(2, 1), (4, 2)]
    copied = box.rows("Archive")
    assert [(row.flags, row.keywords) for row in copied] == [(5, "$x"), (0, "")]
    assert [row.internal_date for row in copied] == [1, 1]
    assert box.uids() == [1, 2, 4]


def test_copying_into_the_same_folder_adds_entries(box: Box) -> None:
    box.put_many(2)
    inbox = box.folder().id
    assert write(box, lambda tx: entries.copy_tx(tx, inbox, [1, 2], inbox)) == [(1, 3), (2, 4)]
    assert box.uids() == [1, 2, 3, 4]


def test_moving_leaves_tombstones_and_new_uids(box: Box) -> None:
    box.put_many(3)
    source, target = box.folder().id, box.folder("Archive").id
    before = box.folder().highestmodseq
    assert write(box, lambda tx: entries.move_tx(tx, source, [1, 3], target)) == [(1, 1), (3, 2)]
    assert box.uids() == [2]
    assert box.uids("Archive") == [1, 2]
    assert changes(box, before) == ([], [1, 3], before + 1)


def test_moving_within_a_folder_gives_new_uids(box: Box) -> None:
    box.put_many(3)
    inbox = box.folder().id
    assert write(box, lambda tx: entries.move_tx(tx, inbox, [1, 2], inbox)) == [(1, 4), (2, 5)]
    assert box.uids() == [3, 4, 5]
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_expunge_takes_the_deleted_ones_or_those_named(box: Box) -> None:
    box.put_many(6)
    inbox = box.folder().id
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1, 2, 5], FlagChange.ADD, int(Flag.DELETED)))
    assert write(box, lambda tx: entries.expunge_tx(tx, inbox, [2, 3], only_deleted=True)) == [2]
    assert write(box, lambda tx: entries.expunge_tx(tx, inbox, None)) == [1, 5]
    assert write(box, lambda tx: entries.expunge_tx(tx, inbox, [3, 99])) == [3]
    assert write(box, lambda tx: entries.expunge_tx(tx, inbox, None)) == []
    assert box.uids() == [4, 6]


def test_a_uid_is_never_used_twice(box: Box) -> None:
    box.put_many(3)
    inbox = box.folder().id
    write(box, lambda tx: entries.expunge_tx(tx, inbox, [1, 2, 3]))
    assert box.put() == 4


def test_flags_are_set_added_and_removed(box: Box) -> None:
    box.put_many(1)
    inbox = box.folder().id

    def store(change: FlagChange, flags: int, *keywords: str) -> tuple[int, str]:
        stored = write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1], change, flags, keywords))
        (row,) = box.rows()
        assert list(zip(*stored.marks, strict=True)) == [(row.uid, row.message_pk, row.flags, row.keywords, row.modseq)]
        assert stored.modseq == row.modseq
        return row.flags, row.keywords

    assert store(FlagChange.ADD, 1, "b", "A") == (1, "A b")
    assert store(FlagChange.ADD, 2, "B", "c") == (3, "A b c")
    assert store(FlagChange.REMOVE, 1, "a") == (2, "b c")
    assert store(FlagChange.SET, 4, "z") == (4, "z")
    assert store(FlagChange.SET, 0) == (0, "")


def test_entries_with_various_flags_are_changed_at_once(box: Box) -> None:
    box.put_many(5)
    inbox = box.folder().id
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [2, 3], FlagChange.ADD, Flag.SEEN, ["a"]))
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [3, 4], FlagChange.ADD, Flag.DELETED))
    before = box.folder()
    uids = [1, 2, 3, 4]
    stored = write(box, lambda tx: entries.store_flags_tx(tx, inbox, uids, FlagChange.SET, Flag.SEEN, ["a"]))
    after = box.folder()
    assert [(row.flags, row.keywords, row.modseq > before.highestmodseq) for row in box.rows()] == [
        (Flag.SEEN, "a", True), (Flag.SEEN, "a", False), (Flag.SEEN, "a", True), (Flag.SEEN, "a", True), (0, "", False),
    ]  # fmt: skip
    assert (stored.modseq, after.highestmodseq) == (before.highestmodseq + 1,) * 2
    assert (before.unseen - after.unseen, before.deleted, after.deleted) == (2, 2, 0)
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_only_real_changes_move_the_modseq(box: Box) -> None:
    box.put_many(2)
    inbox = box.folder().id
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1], FlagChange.ADD, 1))
    before = box.folder().highestmodseq
    again = write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1], FlagChange.ADD, 1))
    assert (list(again.marks.modseqs), again.modseq) == ([before], 0)
    assert box.folder().highestmodseq == before
    both = write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1, 2, 9], FlagChange.ADD, 1))
    assert (list(both.marks.uids), list(both.marks.modseqs)) == ([1, 2], [before, before + 1])


def test_an_entry_changed_since_is_left_alone_and_reported(box: Box) -> None:
    box.put_many(3)
    inbox = box.folder().id
    since = box.folder().highestmodseq
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [2], FlagChange.ADD, 1))
    stored = write(
        box, lambda tx: entries.store_flags_tx(tx, inbox, [1, 2, 3], FlagChange.ADD, 2, unchanged_since=since)
    )
    assert stored.failed == [2]
    assert list(stored.marks.uids) == [1, 3]
    assert [row.flags for row in box.rows()] == [2, 1, 2]


@pytest.mark.parametrize("keyword", ["", "a b", "\\Seen", "ă", "a(", "x" * 101, "a\r\n", '"', "%", "*", "]"])
def test_a_keyword_that_is_no_atom_is_refused(box: Box, keyword: str) -> None:
    box.put_many(1)
    inbox = box.folder().id
    with pytest.raises(KeywordsInvalid):
        write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1], FlagChange.ADD, 0, [keyword]))


def test_an_entry_takes_only_so_many_keywords(box: Box) -> None:
    box.put_many(1)
    inbox = box.folder().id
    most = [f"k{number}" for number in range(MAX_KEYWORDS)]
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1], FlagChange.ADD, 0, most))
    with pytest.raises(KeywordsInvalid):
        write(box, lambda tx: entries.store_flags_tx(tx, inbox, [1], FlagChange.ADD, 0, ["more"]))


def test_changes_since_a_modseq_are_all_and_only_those(box: Box) -> None:
    box.put_many(4)
    inbox = box.folder().id
    since = box.folder().highestmodseq
    assert changes(box, since) == ([], [], since)
    write(box, lambda tx: entries.store_flags_tx(tx, inbox, [2], FlagChange.ADD, 1))
    write(box, lambda tx: entries.expunge_tx(tx, inbox, [1]))
    box.put()
    found = changes(box, since)
    assert [row.uid for row in found.rows] == [2, 5]
    assert found.expunged == [1]
    assert found.highestmodseq == since + 3
    assert [row.uid for row in changes(box, 0).rows] == [2, 3, 4, 5]


def test_many_random_steps_keep_every_counter_true(box: Box) -> None:
    """The counters equal a scan, and a client that only follows changes sees what a scan sees."""
    dice = random.Random(20260105)
    names = ("INBOX", "Archive", "Trash")
    ids = {name: box.folder(name).id for name in names}
    seen: dict[str, dict[int, Row]] = {name: {} for name in names}
    modseqs = dict.fromkeys(names, 0)
    box.put_many(10)
    for _ in range(60):
        name, other = dice.choice(names), dice.choice(names)
        uids = sorted(dice.sample(range(1, 40), dice.randint(1, 12)))
        step = dice.choice(["append", "copy", "move", "expunge", "deleted", "store", "store"])
        if step == "append":
            box.put(letter(text="x" * dice.randint(0, 500)), name, dice.randint(0, 31))
        elif step == "copy":
            write(box, lambda tx, n=name, o=other, u=uids: entries.copy_tx(tx, ids[n], u[:3], ids[o]))
        elif step == "move":
            write(box, lambda tx, n=name, o=other, u=uids: entries.move_tx(tx, ids[n], u, ids[o]))
        elif step == "expunge":
            write(box, lambda tx, n=name, u=uids: entries.expunge_tx(tx, ids[n], u[:2]))
        elif step == "deleted":
            write(box, lambda tx, n=name: entries.expunge_tx(tx, ids[n], None))
        else:
            change, flags = dice.choice(list(FlagChange)), dice.randint(0, 31)
            words = dice.sample(["a", "b", "C"], dice.randint(0, 2))
            write(
                box,
                lambda tx, n=name, u=uids, c=change, f=flags, w=words: entries.store_flags_tx(tx, ids[n], u, c, f, w),
            )
        for name in names:
            found = changes(box, modseqs[name], name)
            modseqs[name] = found.highestmodseq
            for uid in found.expunged:
                seen[name].pop(uid, None)
            seen[name].update((row.uid, row) for row in found.rows)
            assert sorted(seen[name].values()) == box.rows(name)
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_a_snapshot_of_a_folder_that_is_gone_says_so(store: Store) -> None:
    with pytest.raises(FolderMissing):
        store.db.read(lambda conn: entries.snapshot(conn, 4711))
    with pytest.raises(FolderMissing):
        store.db.write(lambda tx: folders.claim_recent_tx(tx, 4711), SYSTEM)
