"""Garbage is what nobody holds, a day after; nothing else, even while the same content comes in."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import collect, entries, folder_changes, folders, fsck, raw, vault
from mailserver.store.collect import STEP_MS, Collected, collect_garbage, delete_blobs
from mailserver.store.errors import StoreUnavailable
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.messages import hold_blob_tx, pin_tx, read_octets, release_blob_tx, unpin_tx
from mailserver.store.store import Store
from tests.support.mail import Box, letter, with_file

AT_ONCE = timedelta(seconds=-1)


@pytest.fixture
def box(store: Store) -> Box:
    return Box.make(store)


def run(box: Box, older_than: timedelta = AT_ONCE) -> Collected:
    done = collect_garbage(box.store.db, box.store.blobs, older_than)
    assert fsck.check(box.store.db, box.store.blobs) == []
    return done


def count(box: Box, table: str) -> int:
    found = box.store.db.read(lambda conn: raw.row(conn, f"SELECT count(*) FROM {table}"))
    assert found is not None
    return int(found[0])


def expunge(box: Box, *uids: int) -> None:
    """Past the days in which the owner could take it back."""
    folder_id = box.folder().id
    box.store.db.write(lambda tx: entries.expunge_tx(tx, folder_id, list(uids)), SYSTEM)
    empty_vault(box)


def empty_vault(box: Box) -> None:
    ids = [one.id for one in box.store.db.read(lambda conn: vault.found_in(conn, box.owner_id, drafts=True))[0]]
    box.store.db.write(lambda tx: vault.forget_tx(tx, ids), SYSTEM)


def blob_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def test_an_expunged_message_goes_with_its_blob_and_its_text(box: Box, tmp_path: Path) -> None:
    box.put(with_file(os.urandom(30_000)))
    expunge(box, 1)
    assert run(box) == Collected(messages=1, blobs=1)
    assert count(box, "message") == count(box, "message_segment") == count(box, "message_text") == 0
    assert blob_files(tmp_path) == []
    assert run(box) == Collected()


def test_nothing_goes_before_its_day(box: Box, tmp_path: Path) -> None:
    box.put(with_file(os.urandom(30_000)))
    expunge(box, 1)
    assert run(box, timedelta(hours=24)) == Collected()
    assert len(blob_files(tmp_path)) == 1


def test_what_is_held_in_any_way_stays(box: Box) -> None:
    inbox, archive = box.folder().id, box.folder("Archive").id
    for number in range(3):
        box.put(letter(number=number))
    pks = [row.message_pk for row in box.rows()]
    box.store.db.write(lambda tx: entries.copy_tx(tx, inbox, [1], archive), SYSTEM)
    box.store.db.write(lambda tx: pin_tx(tx, pks[1]), SYSTEM)
    expunge(box, 1, 2, 3)
    assert run(box).messages == 1
    assert count(box, "message") == 2
    box.store.db.write(lambda tx: unpin_tx(tx, pks[1]), SYSTEM)
    assert run(box).messages == 1
    assert box.rows("Archive")[0].message_pk == pks[0]


def test_messages_of_a_deleted_folder_go(box: Box) -> None:
    box.store.db.write(lambda tx: folders.create_tx(tx, 1, "Tạm"), SYSTEM)
    box.put(name="Tạm")
    box.store.db.write(lambda tx: folder_changes.delete_tx(tx, 1, "Tạm"), SYSTEM)
    empty_vault(box)
    assert run(box).messages == 1


def test_a_blob_of_two_messages_goes_with_the_second(box: Box, tmp_path: Path) -> None:
    content = os.urandom(30_000)
    box.put(with_file(content))
    box.put(with_file(content, name="khác.bin"))
    expunge(box, 1)
    assert run(box) == Collected(messages=1)
    assert len(blob_files(tmp_path)) == 1
    expunge(box, 2)
    assert run(box) == Collected(messages=1, blobs=1)


def test_a_blob_held_by_a_document_stays_until_it_is_released(box: Box, tmp_path: Path) -> None:
    digest = box.store.blobs.put(b"file" * 10_000)
    box.store.db.write(lambda tx: hold_blob_tx(tx, digest, 40_000, 100), SYSTEM)
    assert run(box) == Collected()
    box.store.db.write(lambda tx: release_blob_tx(tx, digest), SYSTEM)
    assert run(box).blobs == 1


def test_a_blob_whose_delivery_broke_off_goes(box: Box, tmp_path: Path) -> None:
    prepare(with_file(os.urandom(30_000)), box.store.blobs)
    old = prepare(with_file(os.urandom(30_000)), box.store.blobs)
    assert run(box, timedelta(hours=24)).strays == 0
    assert run(box).strays == 2
    assert blob_files(tmp_path) == []
    with pytest.raises(StoreUnavailable):
        box.store.db.write(lambda tx: store_message_tx(tx, old), SYSTEM)


def test_content_that_comes_again_while_it_is_collected_is_not_lost(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery finds the blob there; it is collected; the delivery commits: refused, and right when retried."""
    data = with_file(os.urandom(30_000))
    box.put(data)
    expunge(box, 1)
    prepared = prepare(data, box.store.blobs)
    assert run(box).blobs == 1
    with pytest.raises(StoreUnavailable):
        box.store.db.write(lambda tx: store_message_tx(tx, prepared), SYSTEM)
    monkeypatch.setattr("mailserver.store.ingest.DOOMED_FOR_MS", -1000)  # a minute later
    uid = box.put(data)
    pk = box.rows()[-1].message_pk
    assert box.uids() == [uid]
    assert box.store.db.read(lambda conn: read_octets(conn, box.store.blobs, pk)) == data
    assert run(box) == Collected()


def test_who_puts_content_after_its_object_has_gone_need_not_wait(box: Box) -> None:
    content, blobs = os.urandom(30_000), box.store.blobs

    def hold(put_at_ms: int) -> bytes:
        digest, stored = blobs.put_sized(content)
        box.store.db.write(lambda tx: hold_blob_tx(tx, digest, 30_000, stored, put_at_ms=put_at_ms), SYSTEM)
        return digest

    before = int(time.time() * 1000)
    digest = hold(before)
    box.store.db.write(lambda tx: release_blob_tx(tx, digest), SYSTEM)
    assert delete_blobs(box.store.db, blobs, [digest]) == 1
    with pytest.raises(StoreUnavailable):
        hold(before)
    hold(int(time.time() * 1000) + 2 * STEP_MS)  # another clock than the store's, cut to a millisecond
    assert blobs.get(digest) == content
    assert fsck.check(box.store.db, blobs) == []


def test_content_that_comes_again_after_all_is_gone_is_stored_anew(box: Box) -> None:
    data = with_file(os.urandom(30_000))
    box.put(data)
    expunge(box, 1)
    run(box)
    box.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE blob SET orphaned_at = 0"), SYSTEM)
    run(box)
    assert count(box, "blob") == 0
    box.put(data)
    assert fsck.check(box.store.db, box.store.blobs) == []


def test_a_blob_that_cannot_be_deleted_now_is_deleted_another_day(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(with_file(os.urandom(30_000)))
    expunge(box, 1)

    def refuse(_digest: bytes) -> None:
        raise StoreUnavailable("disk")

    with monkeypatch.context() as patch:
        patch.setattr(box.store.blobs, "delete", refuse)
        assert run(box).blobs == 0
    box.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE blob SET orphaned_at = 0"), SYSTEM)
    run(box)
    assert run(box).strays == 1
    assert blob_files(tmp_path) == []


def test_a_message_that_another_room_refers_to_stays(box: Box) -> None:
    box.put(letter(number=1))
    box.put(letter(number=2))
    pk = box.rows()[0].message_pk
    make = "CREATE TABLE other_room (message_pk BIGINT REFERENCES message (id))"
    box.store.db.write(lambda tx: raw.run(tx.conn, make), SYSTEM)
    box.store.db.write(lambda tx: raw.run(tx.conn, "INSERT INTO other_room VALUES (?)", (pk,)), SYSTEM)
    expunge(box, 1, 2)
    assert run(box).messages == 1
    assert count(box, "message") == 1
    assert run(box).messages == 0


def test_more_than_a_batch_is_collected_in_one_go(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "_BATCH", 3)
    for number in range(8):
        box.put(with_file(os.urandom(20_000)) if number % 2 else letter(number=number))
    expunge(box, *range(1, 9))
    assert run(box) == Collected(messages=8, blobs=4)
