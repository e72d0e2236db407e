"""Flags of each reader's own: what every reader sees, counts and learns of, and what a change of the choice keeps."""

from __future__ import annotations

import random

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.store import audit, choosing, entries, folders, fsck, listing, personal, raw
from mailserver.store.entries import FlagChange
from mailserver.store.flags import Flag
from mailserver.store.folders import Folder
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.mail import Box, letter

SEEN, FLAGGED, DELETED = int(Flag.SEEN), int(Flag.FLAGGED), int(Flag.DELETED)
AN, BINH, CHI = (Actor(number, 1, "imap") for number in (11, 12, 13))
READERS = (AN, BINH, CHI)


@pytest.fixture
def box(store: Store) -> Box:
    """A mailbox of nobody among the readers, with three messages."""
    made = Box.make(store)
    for _ in range(3):
        made.put(letter())
    return made


def choose(box: Box, bits: int) -> None:
    box.store.db.write(lambda tx: choosing.choose_tx(tx, box.folder().owner_id, bits), SYSTEM)


def mark(box: Box, who: Actor, uids: list[int], flags: int, change: FlagChange = FlagChange.ADD) -> entries.Stored:
    folder_id = box.folder().id
    return box.store.db.write(lambda tx: entries.store_flags_tx(tx, folder_id, uids, change, flags), who)


def seen_by(box: Box, who: Actor, name: str = "INBOX") -> list[int]:
    """The flags as a reader sees them, by uid."""
    folder = box.folder(name)
    return box.store.db.read(lambda conn: entries.snapshot(conn, folder.id, personal.reader_of(folder, who)).flags)


def unseen(box: Box, who: Actor) -> int:
    folder = box.folder()
    return box.store.db.read(lambda conn: personal.as_seen_by(conn, [folder], who))[0].unseen


def news(box: Box, who: Actor, modseq: int) -> list[tuple[int, int]]:
    folder = box.folder()
    reader = personal.reader_of(folder, who)
    found = box.store.db.read(lambda conn: entries.changes_since(conn, folder.id, modseq, reader))
    return [(row.uid, row.flags) for row in found.rows]


def test_what_one_reads_stays_unread_for_others_and_what_is_shared_is_shared(box: Box) -> None:
    choose(box, SEEN)
    before = box.folder().highestmodseq
    mark(box, AN, [1, 2], SEEN)
    mark(box, BINH, [2], SEEN | FLAGGED)
    assert [seen_by(box, who) for who in READERS] == [
        [SEEN, SEEN | FLAGGED, 0], [0, SEEN | FLAGGED, 0], [0, FLAGGED, 0],
    ]  # fmt: skip
    assert [unseen(box, who) for who in READERS] == [1, 2, 3]
    assert [news(box, who, before) for who in READERS] == [
        [(1, SEEN), (2, SEEN | FLAGGED)], [(2, SEEN | FLAGGED)], [(2, FLAGGED)],
    ]  # fmt: skip
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_a_change_of_own_flags_has_a_modseq_for_its_reader_only(box: Box) -> None:
    """RFC 7162 §3.1.3: UNCHANGEDSINCE."""
    choose(box, SEEN)
    before = box.folder().highestmodseq
    stored = mark(box, AN, [1], SEEN)
    assert stored.modseq == before + 1
    folder_id = box.folder().id

    def again(tx: Tx) -> entries.Stored:
        return entries.store_flags_tx(tx, folder_id, [1], FlagChange.REMOVE, SEEN, (), before)

    assert box.store.db.write(again, AN).failed == [1]
    assert box.store.db.write(again, BINH).failed == []
    stored = mark(box, AN, [1], SEEN)
    assert (list(stored.marks.modseqs), stored.modseq) == ([before + 1], 0)  # no change, no number


def test_the_system_reads_for_nobody(box: Box) -> None:
    choose(box, SEEN)
    mark(box, SYSTEM, [1], SEEN)
    mark(box, BINH, [1], SEEN, FlagChange.REMOVE)
    assert (seen_by(box, AN)[0], seen_by(box, BINH)[0]) == (SEEN, 0)
    assert (unseen(box, AN), unseen(box, BINH), unseen(box, SYSTEM)) == (2, 3, 2)


def test_a_list_shows_and_counts_what_its_reader_has_not_read(box: Box) -> None:
    choose(box, SEEN | FLAGGED)
    mark(box, AN, [1, 3], SEEN)
    mark(box, AN, [2], FLAGGED)
    folder = box.folder()
    pks = [row.message_pk for row in box.rows()]
    for who, expected in ((AN, [2]), (BINH, [3, 2, 1])):
        reader = personal.reader_of(folder, who)
        lines = box.store.db.read(lambda conn, r=reader: listing.lines(conn, folder.id, unseen_only=True, reader=r))
        assert [line.uid for line in lines] == expected
        assert [line.flagged for line in lines if line.uid == 2] == [who is AN]
        total = box.store.db.read(lambda conn, r=reader: listing.count(conn, folder.id, unseen_only=True, reader=r))
        assert total == len(expected)
        line = box.store.db.read(lambda conn, r=reader: listing.line(conn, folder.id, 1, r))
        assert line is not None and line.seen is (who is AN)
        found = box.store.db.read(lambda conn, r=reader: listing.lines_of(conn, folder.id, pks, reader=r))
        assert [line.seen for line in found] == ([True, False, True] if who is AN else [False] * 3)


def test_moved_within_the_mailbox_every_reader_keeps_his_flags(box: Box) -> None:
    choose(box, SEEN)
    mark(box, AN, [1, 3], SEEN)
    mark(box, BINH, [2], SEEN)
    inbox, archive = box.folder(), box.folder("Archive")
    box.store.db.write(lambda tx: entries.copy_tx(tx, inbox.id, [1], archive.id), CHI)
    box.store.db.write(lambda tx: entries.move_tx(tx, inbox.id, [1, 2, 3], archive.id), CHI)
    assert seen_by(box, AN, "Archive") == [SEEN, SEEN, 0, SEEN]
    assert seen_by(box, BINH, "Archive") == [0, 0, SEEN, 0]
    left = box.store.db.read(
        lambda conn: raw.rows(conn, "SELECT uid FROM personal_flag WHERE folder_id = ?", (inbox.id,))
    )
    assert left == []
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_between_mailboxes_the_flags_are_those_of_who_moves(store: Store, box: Box) -> None:
    other = Box.make(store, 2)
    choose(box, SEEN)
    mark(box, AN, [1], SEEN)
    here, there = box.folder(), other.folder()
    box.store.db.write(lambda tx: entries.copy_tx(tx, here.id, [1, 2], there.id), AN)
    assert (seen_by(other, BINH), other.folder().unseen) == ([SEEN, 0], 1)
    box.store.db.write(lambda tx: entries.move_tx(tx, there.id, [1], here.id), BINH)
    assert [seen_by(box, who)[3] for who in READERS] == [0, SEEN, 0]
    assert fsck.check(store.db, store.blobs) == []


def test_what_somebody_puts_in_as_read_is_read_for_him(box: Box) -> None:
    choose(box, SEEN)
    pk, folder_id = box.rows()[0].message_pk, box.folder().id
    box.store.db.write(lambda tx: entries.append_tx(tx, folder_id, pk, SEEN | FLAGGED, "", 0), AN)
    assert [seen_by(box, who)[3] for who in READERS] == [SEEN | FLAGGED, FLAGGED, FLAGGED]
    assert [unseen(box, who) for who in READERS] == [3, 4, 4]


def test_a_choice_of_personal_flags_begins_with_what_all_saw(box: Box) -> None:
    mark(box, AN, [1], SEEN | FLAGGED)
    choose(box, SEEN)
    assert [seen_by(box, who) for who in READERS] == [[SEEN | FLAGGED, 0, 0]] * 3
    mark(box, BINH, [1], SEEN, FlagChange.REMOVE)
    choose(box, SEEN | FLAGGED)
    assert [seen_by(box, who)[0] for who in READERS] == [SEEN | FLAGGED, FLAGGED, SEEN | FLAGGED]
    mark(box, CHI, [1], FLAGGED, FlagChange.REMOVE)
    assert [seen_by(box, who)[0] for who in READERS] == [SEEN | FLAGGED, FLAGGED, SEEN]


def test_flags_that_become_shared_are_set_where_anybody_had_them(box: Box) -> None:
    choose(box, SEEN | FLAGGED)
    mark(box, AN, [1], SEEN)
    mark(box, BINH, [2], FLAGGED)
    before = box.folder().highestmodseq
    choose(box, FLAGGED)
    assert [seen_by(box, who) for who in READERS] == [[SEEN, 0, 0], [SEEN, FLAGGED, 0], [SEEN, 0, 0]]
    assert news(box, CHI, before) == [(1, SEEN), (2, 0)]
    choose(box, 0)
    assert [seen_by(box, who) for who in READERS] == [[SEEN, FLAGGED, 0]] * 3
    assert news(box, AN, before) == [(1, SEEN), (2, FLAGGED)]
    assert box.folder().unseen == 2
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_new_folders_follow_the_choice_and_it_leaves_a_record(box: Box) -> None:
    choose(box, SEEN)
    choose(box, SEEN)
    owner_id = box.folder().owner_id
    made = box.store.db.write(lambda tx: folders.create_tx(tx, owner_id, "Mới"), SYSTEM)
    assert made.personal == SEEN
    assert box.store.db.read(lambda conn: choosing.personal_flags(conn, owner_id)) == SEEN
    query = "SELECT count(*) FROM audit WHERE action = 'mailbox.flags'"
    assert box.store.db.read(lambda conn: raw.row(conn, query))[0] == 1
    assert box.store.db.read(audit.verify) is None
    with pytest.raises(ValueError, match="may be personal"):
        choose(box, DELETED)


def test_readers_who_follow_the_changes_always_know_what_is_there(box: Box) -> None:
    """Whatever happens, in whatever order: the changes since a modseq lead to what a fresh look shows."""
    dice = random.Random(4314)
    known: dict[Actor, tuple[dict[int, int], int]] = {who: ({}, 0) for who in READERS}
    for _ in range(60):
        _something(box, dice)
        who = dice.choice(READERS)
        known[who] = _caught_up(box, who, *known[who])
    for who in READERS:
        flags, _ = _caught_up(box, who, *known[who])
        assert [flags[uid] for uid in sorted(flags)] == seen_by(box, who)
        assert unseen(box, who) == sum(not bits & SEEN for bits in flags.values())
    assert fsck.check(box.store.db, box.store.blobs) == []


def _something(box: Box, dice: random.Random) -> None:
    inbox: Folder = box.folder()
    uids = sorted({dice.randrange(1, inbox.uidnext + 1) for _ in range(3)})
    match dice.randrange(8):
        case 0:
            box.put(letter())
        case 1:
            box.store.db.write(lambda tx: entries.expunge_tx(tx, inbox.id, uids[:1]), dice.choice(READERS))
        case 2:
            choose(box, dice.choice((0, SEEN, FLAGGED, SEEN | FLAGGED)))
        case 3:
            box.store.db.write(lambda tx: entries.copy_tx(tx, inbox.id, uids, inbox.id), dice.choice(READERS))
        case _:
            flags, change = dice.choice((SEEN, FLAGGED, SEEN | FLAGGED, 16)), dice.choice(list(FlagChange))
            mark(box, dice.choice(READERS), uids, flags, change)


def _caught_up(box: Box, who: Actor, flags: dict[int, int], modseq: int) -> tuple[dict[int, int], int]:
    folder = box.folder()
    reader = personal.reader_of(folder, who)
    found = box.store.db.read(lambda conn: entries.changes_since(conn, folder.id, modseq, reader))
    after = flags | {row.uid: row.flags for row in found.rows}
    return {uid: bits for uid, bits in after.items() if uid not in found.expunged}, found.highestmodseq
