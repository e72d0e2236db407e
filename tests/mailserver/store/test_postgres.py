"""What only PostgreSQL can do to us: deadlocks, restarts, ids that appear out of order."""

import asyncio
import threading

import pytest
from sqlalchemy import create_engine

from mailserver.actor import SYSTEM
from mailserver.store import events, jobs, raw
from mailserver.store.errors import StoreUnavailable
from mailserver.store.events import EventFeed, at_end, load_cursor, read_on, read_settled, save_cursor_tx
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from mailserver.store.wake_notify import NotifyWake
from tests.support.mail import Box
from tests.support.postgres import Cluster

pytestmark = pytest.mark.database("postgresql")

INSERT = "INSERT INTO event (at, kind, data, txid) VALUES (0, '{}', '{{}}', pg_current_xact_id()::text::bigint)"


def emit(kind: str) -> object:
    return lambda tx: tx.emit(kind)


def test_an_event_committed_late_is_neither_skipped_nor_told_twice(store: Store) -> None:
    """Transaction A takes id 1 and B id 2; B commits first."""
    cursor = store.db.read(at_end)
    other = create_engine(store.db.url)
    with other.connect() as late:
        late.exec_driver_sql(INSERT.format("late"))
        store.db.write(lambda tx: tx.emit("early"), SYSTEM)
        assert [event.kind for event in store.db.read(lambda conn: read_on(conn, cursor))] == ["early"]
        assert store.db.read(lambda conn: read_on(conn, cursor)) == []
        late.commit()
    other.dispose()
    found = store.db.read(lambda conn: read_on(conn, cursor))
    assert [event.kind for event in found] == ["late"]
    assert store.db.read(lambda conn: read_on(conn, cursor)) == []


def test_an_old_transaction_that_emits_last_is_not_skipped(store: Store) -> None:
    """A begins before B but takes its event id after B has committed."""
    cursor = store.db.read(at_end)
    other = create_engine(store.db.url)
    with other.connect() as old:
        old.exec_driver_sql("SELECT pg_current_xact_id()")
        store.db.write(lambda tx: tx.emit("young"), SYSTEM)
        assert len(store.db.read(lambda conn: read_on(conn, cursor))) == 1
        old.exec_driver_sql(INSERT.format("old"))
        old.commit()
    other.dispose()
    assert [event.kind for event in store.db.read(lambda conn: read_on(conn, cursor))] == ["old"]


def test_a_durable_reader_waits_for_what_is_not_settled(store: Store) -> None:
    other = create_engine(store.db.url)
    cursor = store.db.read(lambda conn: load_cursor(conn, "worker"))
    with other.connect() as late:
        late.exec_driver_sql(INSERT.format("late"))
        store.db.write(lambda tx: tx.emit("early"), SYSTEM)
        assert store.db.read(lambda conn: read_settled(conn, cursor)) == []
        late.commit()
    other.dispose()
    kinds = [event.kind for event in store.db.read(lambda conn: read_settled(conn, cursor))]
    assert kinds == ["late", "early"]
    store.db.write(lambda tx: save_cursor_tx(tx, "worker", cursor), SYSTEM)
    again = store.db.read(lambda conn: load_cursor(conn, "worker"))
    assert store.db.read(lambda conn: read_settled(conn, again)) == []


def test_reading_in_small_steps_tells_each_event_once(store: Store) -> None:
    cursor = store.db.read(at_end)
    other = create_engine(store.db.url)
    with other.connect() as late:
        late.exec_driver_sql(INSERT.format("late"))
        for number in range(7):
            store.db.write(lambda tx, number=number: tx.emit(f"e{number}"), SYSTEM)  # type: ignore[misc]
        told = []
        for _ in range(4):
            told += store.db.read(lambda conn: read_on(conn, cursor, 2))
        late.commit()
    other.dispose()
    told += store.db.read(lambda conn: read_on(conn, cursor, 2))
    assert [event.kind for event in told] == [f"e{number}" for number in range(7)] + ["late"]


async def test_a_deadlock_is_tried_again(store: Store) -> None:
    """Two works lock two folders in opposite order; the server kills one, which then succeeds."""
    box = Box.make(store)
    first, second = box.folder("INBOX").id, box.folder("Sent").id
    both_hold = threading.Barrier(2)
    attempts = []

    def lock(tx: Tx, one: int, two: int) -> None:
        attempts.append(one)
        raw.run(tx.conn, "UPDATE folder SET unseen = unseen WHERE id = ?", (one,))
        if len(attempts) <= 2:
            both_hold.wait(60)
        raw.run(tx.conn, "UPDATE folder SET unseen = unseen WHERE id = ?", (two,))

    await asyncio.gather(
        store.db.awrite(lambda tx: lock(tx, first, second), SYSTEM),
        store.db.awrite(lambda tx: lock(tx, second, first), SYSTEM),
    )
    assert len(attempts) >= 3


async def test_a_restart_of_the_server_is_survived(
    store: Store, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is away: unavailable. Afterwards reads, writes and pushes work without a restart of ours."""
    monkeypatch.setattr(events, "LOOK_AGAIN_S", 60.0)
    store.feed = EventFeed(store.db)
    await store.feed.start()
    told: asyncio.Queue[str] = asyncio.Queue()
    store.feed.subscribe(lambda found: [told.put_nowait(event.kind) for event in found] and None)
    store.db.write(lambda tx: tx.emit("before"), SYSTEM)
    assert await asyncio.wait_for(told.get(), 50) == "before"
    await asyncio.to_thread(cluster.run, "stop", "-m", "fast")
    try:
        with pytest.raises(StoreUnavailable):
            await store.db.awrite(lambda tx: tx.emit("lost"), SYSTEM)
        with pytest.raises(StoreUnavailable):
            await store.db.aread(at_end)
    finally:
        await asyncio.to_thread(cluster.run, "start")
    await store.db.awrite(lambda tx: tx.emit("after"), SYSTEM)
    assert await asyncio.wait_for(told.get(), 50) == "after"
    await store.feed.stop()


def test_a_process_that_ends_right_after_its_commit_is_heard(store: Store) -> None:
    """`vanthu user passwd` closes its database at once; the server's doors must not wait for their next look."""
    heard = threading.Event()
    undo = store.db.wake.listen(heard.set)
    assert heard.wait(60)  # listening has begun
    heard.clear()
    short = NotifyWake(store.db.url)
    short.announce()
    short.close()
    assert heard.wait(60)
    undo()


async def test_nobody_waits_for_a_thread_and_then_as_long_again_for_a_lock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times as many as there are threads, and a table that somebody else has locked."""
    monkeypatch.setattr(jobs, "WAIT_S", 0.5)
    other = create_engine(store.db.url)
    with other.connect() as holder:
        holder.exec_driver_sql("LOCK TABLE event")
        writes = [store.db.awrite(lambda tx: tx.emit("late"), SYSTEM) for _ in range(24)]
        reads = [store.db.aread(at_end) for _ in range(24)]
        async with asyncio.timeout(25):  # less than the usual wait for a lock
            outcomes = await asyncio.gather(*writes, *reads, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {StoreUnavailable}
    other.dispose()
    monkeypatch.undo()
    await store.db.awrite(lambda tx: tx.emit("next"), SYSTEM)
    assert store.db.read(lambda conn: raw.rows(conn, "SELECT kind FROM event")) == [("next",)]
