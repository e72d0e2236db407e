"""What is removed for good can be taken back: whatever removed it, with the same octets, under a new uid."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import audit, entries, folder_changes, folders, fsck, quota, raw, restoring, vault
from mailserver.store.collect import Collected, collect_garbage
from mailserver.store.errors import MoveRefused, OverQuota
from mailserver.store.flags import Flag
from mailserver.store.messages import read_octets
from mailserver.store.restoring import Restored
from mailserver.store.store import Store
from mailserver.store.vault import Removed
from tests.support.mail import Box, letter, with_file

AT_ONCE = timedelta(seconds=-1)


@pytest.fixture
def box(store: Store) -> Box:
    return Box.make(store)


def write(box: Box, work: Callable[[Any], Any]) -> Any:
    done = box.store.db.write(work, SYSTEM)
    assert fsck.check(box.store.db, box.store.blobs) == []
    return done


def expunge(box: Box, *uids: int, name: str = "INBOX") -> None:
    folder_id = box.folder(name).id
    write(box, lambda tx: entries.expunge_tx(tx, folder_id, list(uids)))


def removed(box: Box, words: str = "", *, drafts: bool = False) -> list[Removed]:
    found, total = box.store.db.read(lambda conn: vault.found_in(conn, box.owner_id, words, drafts=drafts))
    assert total == len(found)
    return found


def restore(box: Box, *ids: int) -> list[Restored]:
    found: list[Restored] = write(box, lambda tx: restoring.restore_tx(tx, box.owner_id, ids))
    return found


def test_expunged_mail_comes_back_octet_for_octet_under_a_new_uid(box: Box) -> None:
    octets = with_file(os.urandom(30_000))
    box.put(octets, flags=int(Flag.SEEN | Flag.DELETED), keywords="$Work")
    before = box.rows()[0]
    expunge(box, 1)
    assert box.rows() == []
    assert collect_garbage(box.store.db, box.store.blobs, AT_ONCE) == Collected()
    (one,) = removed(box)
    (back,) = restore(box, one.id)
    (row,) = box.rows()
    assert (back.folder.name, back.uid, row.uid) == ("INBOX", 2, 2)
    assert (row.flags, row.keywords, row.internal_date) == (int(Flag.SEEN), "$Work", before.internal_date)
    assert box.store.db.read(lambda conn: read_octets(conn, box.store.blobs, row.message_pk)) == octets
    assert removed(box) == []
    (noted,) = box.store.db.read(
        lambda conn: raw.rows(conn, "SELECT owner_id FROM audit WHERE action = 'mail.restored'")
    )
    assert noted[0] == box.owner_id
    assert box.store.db.read(audit.verify) is None


def test_what_still_lies_elsewhere_in_the_mailbox_is_not_removed(box: Box) -> None:
    box.put()
    inbox, trash = box.folder().id, box.folder("Trash").id
    write(box, lambda tx: entries.copy_tx(tx, inbox, [1], trash))  # as programs without MOVE delete
    expunge(box, 1)
    assert removed(box) == []
    expunge(box, 1, name="Trash")
    assert [one.folder_name for one in removed(box)] == ["Trash"]


def test_of_two_copies_that_go_together_one_is_kept(box: Box) -> None:
    box.put()
    inbox = box.folder().id
    write(box, lambda tx: entries.copy_tx(tx, inbox, [1], inbox))
    expunge(box, 1, 2)
    assert len(removed(box)) == 1


def test_moving_within_the_mailbox_removes_nothing_to_another_it_does(box: Box) -> None:
    other = Box.make(box.store, 2)
    box.put()
    inbox, archive, there = box.folder().id, box.folder("Archive").id, other.folder().id
    write(box, lambda tx: entries.move_tx(tx, inbox, [1], archive))
    assert removed(box) == []
    write(box, lambda tx: entries.move_tx(tx, archive, [1], there))
    assert (len(removed(box)), len(removed(other)), len(other.rows())) == (1, 0, 1)


def test_mail_of_a_deleted_folder_comes_back_with_the_folder(box: Box) -> None:
    write(box, lambda tx: folders.create_tx(tx, 1, "Dự án/Cầu"))
    box.put(name="Dự án/Cầu")
    box.put(name="Dự án/Cầu")
    write(box, lambda tx: folder_changes.delete_tx(tx, 1, "Dự án/Cầu"))
    found = removed(box)
    restore(box, *[one.id for one in found])
    assert len(box.rows("Dự án/Cầu")) == 2


def test_a_renamed_folder_is_still_the_old_one(box: Box) -> None:
    write(box, lambda tx: folders.create_tx(tx, 1, "Cũ"))
    box.put(name="Cũ")
    expunge(box, 1, name="Cũ")
    write(box, lambda tx: folder_changes.rename_tx(tx, 1, "Cũ", "Mới"))
    (one,) = removed(box)
    assert restore(box, one.id)[0].folder.name == "Mới"


class Closed:
    """A folder that takes nothing in."""

    def entering(self, tx: Any, passing: Any) -> None:
        raise MoveRefused("Không được.")

    def leaving(self, tx: Any, passing: Any) -> None: ...


def test_what_its_folder_does_not_take_back_comes_into_the_inbox(box: Box) -> None:
    box.put(name="Archive")
    expunge(box, 1, name="Archive")
    box.store.db.behaviours = {"test.closed": Closed()}
    write(box, lambda tx: raw.run(tx.conn, "UPDATE folder SET behaviour = 'test.closed' WHERE name = 'Archive'"))
    (one,) = removed(box)
    assert restore(box, one.id)[0].folder.name == "INBOX"


def test_twice_is_once_and_somebody_elses_is_nobodys(box: Box) -> None:
    other = Box.make(box.store, 2)
    box.put()
    expunge(box, 1)
    (one,) = removed(box)
    assert restore(other, one.id) == []
    assert len(restore(box, one.id)) == 1
    assert restore(box, one.id, 4711) == []
    assert len(box.rows()) == 1


def test_it_is_found_by_words_in_any_spelling_and_drafts_only_when_asked(box: Box) -> None:
    box.put(letter("Lịch họp giao ban"))
    box.put(letter("100% kinh phí"))
    box.put(letter("Bản nháp"), flags=int(Flag.DRAFT))
    expunge(box, 1, 2, 3)
    assert [one.subject for one in removed(box)] == ["100% kinh phí", "Lịch họp giao ban"]
    assert [one.subject for one in removed(box, "lich GIAO")] == ["Lịch họp giao ban"]
    assert [one.subject for one in removed(box, "an.nguyen 100%")] == ["100% kinh phí"]
    assert removed(box, "h_p") == []
    assert len(removed(box, drafts=True)) == 3


def test_a_full_mailbox_takes_nothing_back(box: Box) -> None:
    box.put()
    expunge(box, 1)
    (one,) = removed(box)
    full = quota.Quota(quota.Amount(10, 1), quota.Amount(10, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quota, "of", lambda _conn, _owner_id: full)
        with pytest.raises(OverQuota):
            restore(box, one.id)
    assert (len(removed(box)), box.rows()) == (1, [])


def test_what_is_forgotten_is_collected(box: Box) -> None:
    box.put(with_file(os.urandom(30_000)))
    expunge(box, 1)
    assert collect_garbage(box.store.db, box.store.blobs, AT_ONCE) == Collected()
    ids = [one.id for one in removed(box)]
    write(box, lambda tx: vault.forget_tx(tx, ids))
    assert collect_garbage(box.store.db, box.store.blobs, AT_ONCE) == Collected(messages=1, blobs=1)


def test_quotas_do_not_count_it(box: Box) -> None:
    box.put()
    expunge(box, 1)
    used = box.store.db.read(lambda conn: quota.used_by(conn, [box.owner_id]))
    assert used[box.owner_id] == quota.NOTHING


def test_times_and_who_are_kept(box: Box) -> None:
    start = datetime.now(UTC)
    box.put()
    expunge(box, 1)
    (one,) = removed(box)
    assert start - timedelta(seconds=1) <= one.removed_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert one.removed_by_id is None
