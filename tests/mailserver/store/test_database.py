"""Opening a database: durable settings or none, and nothing carried into another process."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from mailserver.actor import SYSTEM
from mailserver.store import create_all, raw, sqlite
from mailserver.store.database import Database
from mailserver.store.errors import StoreUnavailable
from mailserver.store.store import Store
from mailserver.store.tx import Tx


def test_the_settings_that_make_commits_durable_are_reported(store: Store) -> None:
    said = store.db.check()
    wanted = "synchronous = 2" if store.db.dialect == "sqlite" else "synchronous_commit = on"
    assert wanted in said


@pytest.mark.database("sqlite")
def test_wal_and_full_sync_hold_on_the_writing_connection(store: Store) -> None:
    def settings(tx: Tx) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "page_size", "busy_timeout")
        found = {name: raw.row(tx.conn, f"PRAGMA {name}") for name in names}
        return {name: value[0] for name, value in found.items() if value}

    assert store.db.write(settings, SYSTEM) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "page_size": sqlite.PAGE_SIZE,
        "busy_timeout": 30_000,
    }


@pytest.mark.parametrize(("pragma", "value"), [("synchronous", "NORMAL"), ("foreign_keys", "OFF")])
def test_a_database_that_would_lose_commits_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, value: str
) -> None:
    monkeypatch.setattr(sqlite, "_PRAGMAS", (f"PRAGMA {pragma} = {value}",))
    with pytest.raises(StoreUnavailable, match="not durable"):
        Database(f"sqlite:///{tmp_path}/x.sqlite3")


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite://")


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:9/none"])
def test_a_database_that_is_not_there_is_unavailable(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Database(url, data_dir=tmp_path)


def test_tables_can_be_made_twice(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/x.sqlite3")
    create_all(engine)
    create_all(engine)
    engine.dispose()


def test_an_error_of_the_work_reaches_the_caller_as_it_is(store: Store) -> None:
    class Own(Exception):
        pass

    def fail(_: object) -> None:
        raise Own

    with pytest.raises(Own):
        store.db.write(fail, SYSTEM)
    with pytest.raises(Own):
        store.db.read(fail)


async def test_a_read_sees_one_moment(store: Store) -> None:
    """What is committed while a read runs is not in its snapshot."""

    def work(conn: Connection) -> tuple[int, int]:
        first = raw.row(conn, "SELECT count(*) FROM event")
        store.db.write(lambda tx: tx.emit("test.now"), SYSTEM)
        second = raw.row(conn, "SELECT count(*) FROM event")
        assert first and second
        return first[0], second[0]

    assert await store.db.aread(work) == (0, 0)
