"""Group commit: many jobs, one transaction, and each still stands or falls alone."""

import asyncio
import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import folders, jobs, raw
from mailserver.store.errors import FolderExists, StoreFull, StoreUnavailable
from mailserver.store.store import Store
from mailserver.store.tx import Tx


def create(name: str) -> Callable[[Tx], folders.Folder]:
    return lambda tx: folders.create_tx(tx, 1, name)


def names(store: Store) -> set[str]:
    return {folder.name for folder in store.db.read(lambda conn: folders.list_of(conn, 1))}


async def test_many_waiters_are_all_answered_after_the_commit(store: Store) -> None:
    made = await asyncio.gather(*(store.db.awrite(create(f"f{n}"), SYSTEM) for n in range(50)))
    assert {folder.name for folder in made} == names(store) == {f"f{n}" for n in range(50)}


async def test_a_work_that_fails_spoils_only_itself(store: Store) -> None:
    def half(tx: Tx) -> None:
        folders.create_tx(tx, 1, "nửa chừng")
        tx.emit("test.never")
        raise RuntimeError("giữa đường")

    works = [create("a"), half, create("a"), create("b")]
    results = await asyncio.gather(*(store.db.awrite(work, SYSTEM) for work in works), return_exceptions=True)
    assert isinstance(results[1], RuntimeError)
    assert sum(isinstance(result, FolderExists) for result in results) == 1
    assert names(store) == {"a", "b"}
    kinds = {row[0] for row in store.db.read(lambda conn: raw.rows(conn, "SELECT kind FROM event"))}
    assert kinds == {"folder.created", "folder.subscribed"}


@pytest.mark.database("sqlite")
async def test_concurrent_works_share_commits(store: Store) -> None:
    """The WAL counts commits; a hundred works that wait together need far fewer."""
    release = threading.Event()
    seen: list[int] = []

    def hold(tx: Tx) -> None:
        release.wait(10)

    def note(tx: Tx) -> None:
        seen.append(id(tx.conn.get_transaction()))

    held = asyncio.create_task(store.db.awrite(hold, SYSTEM))
    waiting = [asyncio.create_task(store.db.awrite(note, SYSTEM)) for _ in range(100)]
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(held, *waiting)
    assert len(seen) == 100
    assert len(set(seen)) <= 2


@pytest.mark.database("sqlite")
async def test_when_the_disk_is_full_all_of_the_group_fail_and_the_next_works(store: Store) -> None:
    def swell(tx: Tx) -> None:
        pages = raw.row(tx.conn, "PRAGMA page_count")
        assert pages is not None
        raw.row(tx.conn, f"PRAGMA max_page_count = {pages[0] + 2}")
        raw.run(tx.conn, "INSERT INTO event (at, kind, data, txid) VALUES (0, 'x', zeroblob(1000000), 0)")

    works = [create("a"), swell, create("b")]
    results = await asyncio.gather(*(store.db.awrite(work, SYSTEM) for work in works), return_exceptions=True)
    assert isinstance(results[1], StoreFull)
    survivors = {folder.name for folder in results if isinstance(folder, folders.Folder)}
    assert names(store) == survivors
    await store.db.awrite(create("c"), SYSTEM)
    assert "c" in names(store)


async def test_a_work_given_up_before_it_began_is_not_done(store: Store) -> None:
    release = threading.Event()
    count = 1 if store.db.dialect == "sqlite" else 16
    held = [asyncio.create_task(store.db.awrite(lambda tx: release.wait(10), SYSTEM)) for _ in range(count)]
    await asyncio.sleep(0)
    given_up = asyncio.create_task(store.db.awrite(create("bỏ"), SYSTEM))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    release.set()
    await asyncio.gather(*held)
    await store.db.awrite(create("sau"), SYSTEM)
    assert given_up.cancelled()
    assert names(store) == {"sau"}


@pytest.mark.database("sqlite")
def test_a_transaction_in_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="must not open another"):
        store.db.write(lambda tx: store.db.write(lambda inner: None, SYSTEM), SYSTEM)


@pytest.mark.database("sqlite")
def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        store.db.read(lambda conn: raw.run(conn, "DELETE FROM folder"))


@pytest.mark.database("sqlite")
async def test_a_locked_database_is_waited_for_and_then_unavailable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the writer's lock for longer than anybody waits."""
    monkeypatch.setattr(jobs, "WAIT_S", 0.3)
    assert store.db.url.database
    context = multiprocessing.get_context("spawn")
    locked, release = context.Event(), context.Event()
    holder = context.Process(target=hold_lock, args=(store.db.url.database, locked, release))
    holder.start()
    assert locked.wait(30)
    with pytest.raises(StoreUnavailable):
        await store.db.awrite(create("a"), SYSTEM)
    with pytest.raises(StoreUnavailable):
        await asyncio.to_thread(store.db.write, create("b"), SYSTEM)
    assert store.db.read(lambda conn: folders.list_of(conn, 1)) == []
    release.set()
    await asyncio.to_thread(holder.join, 30)
    monkeypatch.undo()
    await store.db.awrite(create("c"), SYSTEM)
    assert names(store) == {"c"}


def hold_lock(database: str, locked: threading.Event, release: threading.Event) -> None:
    from mailserver.store.exclusion import Exclusion

    with Exclusion(Path(database)):
        locked.set()
        release.wait(30)
