"""The check finds each kind of damage, and nothing in a store that is in order."""

import os
from pathlib import Path

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import audit, entries, fsck, raw
from mailserver.store.store import Store
from tests.support.mail import Box, letter, with_file


@pytest.fixture
def box(store: Store) -> Box:
    box = Box.make(store)
    box.put(letter(), flags=8)
    box.put(with_file(os.urandom(30_000)))
    inbox = box.folder().id
    box.store.db.write(lambda tx: entries.copy_tx(tx, inbox, [1, 2], inbox), SYSTEM)
    box.store.db.write(lambda tx: entries.expunge_tx(tx, inbox, [1]), SYSTEM)
    box.store.db.write(lambda tx: audit.record_tx(tx, "test.done"), SYSTEM)
    return box


def kinds(box: Box) -> set[str]:
    return {finding.kind for finding in fsck.check(box.store.db, box.store.blobs)}


def damage(box: Box, *statements: str) -> None:
    """With foreign keys off, as a fault of the disk would do it."""
    sqlite = box.store.db.dialect == "sqlite"
    off = "PRAGMA foreign_keys = OFF" if sqlite else "SET session_replication_role = replica"
    on = "PRAGMA foreign_keys = ON" if sqlite else "RESET session_replication_role"
    with box.store.db.engine.connect() as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        for statement in (off, *statements, on):
            driver.execute(statement)
        if not sqlite:
            driver.commit()


def test_a_store_in_order_has_no_findings_and_tells_its_progress(box: Box) -> None:
    steps: list[str] = []
    assert fsck.check(box.store.db, box.store.blobs, steps.append) == []
    assert "blobs" in steps


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("folder-counts", "UPDATE folder SET unseen = unseen + 1"),
        ("folder-counts", "UPDATE entry SET flags = 8 WHERE uid = 2"),
        ("folder-numbers", "UPDATE folder SET uidnext = 2"),
        ("folder-numbers", "UPDATE folder SET highestmodseq = 1"),
        ("folder-numbers", "UPDATE folder SET forgotten_modseq = highestmodseq + 1"),
        ("folder-numbers", "UPDATE folder SET uidvalidity = 0"),
        ("entry-dangling", "UPDATE entry SET message_pk = 4711 WHERE uid = 2"),
        ("entry-size", "UPDATE entry SET size = size + 1 WHERE uid = 2"),
        ("entry-risen", "UPDATE tombstone SET uid = 2"),
        ("message-segments", "DELETE FROM message_segment WHERE position = 2"),
        ("segment-content", "UPDATE message_segment SET data = NULL WHERE blob_digest IS NULL"),
        ("segment-content", "UPDATE message_segment SET size = size + 1 WHERE position = 0"),
        ("segment-dangling", "DELETE FROM blob"),
        ("blob-refs", "UPDATE blob SET refs = 0"),
        ("message-unheld", "DELETE FROM entry WHERE uid IN (2, 4)"),
    ],
)
def test_each_kind_of_damage_is_found(box: Box, kind: str, statement: str) -> None:
    damage(box, statement)
    assert kind in kinds(box)


def test_a_message_that_cannot_be_found_by_its_text(box: Box) -> None:
    damage(box, "DELETE FROM message_text WHERE message_pk = 1")
    assert "message-text" in kinds(box)


def test_a_changed_record_of_the_audit_and_a_guard_that_is_gone(box: Box) -> None:
    remove = {"sqlite": "DROP TRIGGER audit_no_update", "postgresql": "DROP TRIGGER audit_append_only ON audit"}
    damage(box, remove[box.store.db.dialect], "UPDATE audit SET action = 'test.other'")
    assert kinds(box) == {"audit", "audit-guard"}


@pytest.mark.database("sqlite")
def test_an_index_that_does_not_match_the_texts(box: Box) -> None:
    damage(box, "UPDATE message_text SET body = 'hoan toan khac'")
    assert kinds(box) == {"full-text"}


@pytest.mark.parametrize("content", [b"", b"\x00something else"])
def test_a_damaged_blob(box: Box, tmp_path: Path, content: bytes) -> None:
    [path] = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    path.write_bytes(content)
    assert kinds(box) == {"blob"}


def test_a_missing_blob(box: Box, tmp_path: Path) -> None:
    [path] = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    path.unlink()
    assert kinds(box) == {"blob"}


def test_a_read_only_look_changes_nothing(box: Box) -> None:
    before = box.store.db.read(lambda conn: raw.rows(conn, "SELECT * FROM folder ORDER BY id"))
    fsck.check(box.store.db, box.store.blobs)
    assert box.store.db.read(lambda conn: raw.rows(conn, "SELECT * FROM folder ORDER BY id")) == before
