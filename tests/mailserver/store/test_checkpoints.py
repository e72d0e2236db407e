"""What the WAL has gathered goes into the database file beside the writing, and the WAL begins anew."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from mailserver.actor import SYSTEM
from mailserver.store import checkpoints, raw
from mailserver.store.checkpoints import Checkpoints
from mailserver.store.store import Store

pytestmark = pytest.mark.database("sqlite")
ENOUGH = 5_000  # commits in which the other thread surely gets its turn


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look after every commit, and find every WAL long."""
    monkeypatch.setattr(checkpoints, "COMMITS", 1)
    monkeypatch.setattr(checkpoints, "PAUSE_S", 0.0)
    monkeypatch.setattr(checkpoints, "LONG", 10)


def commit(store: Store) -> None:
    store.db.write(lambda tx: tx.emit("test.commit"), SYSTEM)


def times_begun(store: Store) -> int:
    """How often the WAL has begun anew: the checkpoint sequence number of its header."""
    assert store.db.url.database
    with Path(store.db.url.database + "-wal").open("rb") as wal:
        return int.from_bytes(wal.read(16)[12:])


def test_a_wal_that_is_written_to_all_the_time_begins_anew(store: Store) -> None:
    before = times_begun(store)
    for _ in range(ENOUGH):
        commit(store)
        if times_begun(store) > before + 3:
            return
    raise AssertionError(f"{times_begun(store) - before} times in {ENOUGH} commits")


def test_a_reader_of_old_pages_is_waited_for_another_time(store: Store) -> None:
    def while_it_looks(conn: Connection) -> int:
        raw.row(conn, "SELECT count(*) FROM event")
        for _ in range(100):
            commit(store)
        return times_begun(store)

    before = times_begun(store)
    assert store.db.read(while_it_looks) <= before + 1
    for _ in range(ENOUGH):
        commit(store)
        if times_begun(store) > before + 1:
            return
    raise AssertionError("the WAL never began anew")


def test_a_checkpoint_that_fails_is_logged_and_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def fail(self: Checkpoints, conn: object) -> None:
        tried.append(conn)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Checkpoints, "_move", fail)
    with capture_logs() as logs:
        for _ in range(ENOUGH):
            commit(store)
            if len(tried) > 2:
                break
    assert len({id(conn) for conn in tried}) > 1
    assert [entry["event"] for entry in logs][:2] == ["checkpoint_failed"] * 2
