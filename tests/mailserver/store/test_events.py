"""The event log and its feed: everything once, in order, soon, in every process."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.store import entries, events, wake_sockets
from mailserver.store.events import Cursor, Event, EventFeed, at_end, load_cursor, read_on, read_settled, save_cursor_tx
from mailserver.store.store import Store
from mailserver.store.wake_sockets import SocketWake
from tests.deploy.waiting import eventually
from tests.support.mail import Box


class Listener:
    """Collects what a feed tells."""

    def __init__(self, feed: EventFeed) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue()
        self.unsubscribe = feed.subscribe(self._take)

    def _take(self, found: list[Event]) -> None:
        for event in found:
            self.queue.put_nowait(event)

    async def next(self) -> Event:
        return await asyncio.wait_for(self.queue.get(), 30)  # sooner than the feed looks by itself


@pytest.fixture(autouse=True)
def _no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told here is told because of a wake-up."""
    monkeypatch.setattr(events, "LOOK_AGAIN_S", 60.0)


@pytest.fixture
async def heard(store: Store) -> AsyncIterator[Listener]:
    await store.feed.start()
    yield Listener(store.feed)
    await store.feed.stop()


async def test_what_is_committed_here_is_told_with_its_facts(store: Store, heard: Listener) -> None:
    clerk = Actor(7, 1, "web")
    await store.db.awrite(lambda tx: tx.emit("test.said", owner_id=3, folder_id=4, text="văn bản"), clerk)
    event = await heard.next()
    assert (event.kind, event.actor_id, event.owner_id, event.folder_id) == ("test.said", 7, 3, 4)
    assert event.data == {"text": "văn bản"}
    assert abs(event.at.timestamp() - time.time()) < 60


async def test_each_change_of_a_folder_is_one_event(store: Store, heard: Listener) -> None:
    box = await asyncio.to_thread(Box.make, store)
    for _ in range(6):
        assert (await heard.next()).kind == "folder.created"
        assert (await heard.next()).kind == "folder.subscribed"
    inbox, archive = box.folder().id, box.folder("Archive").id
    await asyncio.to_thread(box.put_many, 3)
    assert [(await heard.next()).data["uids"] for _ in range(3)] == [[1], [2], [3]]
    await store.db.awrite(lambda tx: entries.store_flags_tx(tx, inbox, [1, 2, 3], entries.FlagChange.ADD, 1), SYSTEM)
    flagged = await heard.next()
    assert (flagged.kind, flagged.data) == ("message.flagged", {"uids": [1, 2, 3], "modseq": 5})
    await store.db.awrite(lambda tx: entries.move_tx(tx, inbox, [1, 2], archive), SYSTEM)
    copied, expunged = await heard.next(), await heard.next()
    assert (copied.kind, copied.folder_id, copied.data["uids"]) == ("message.copied", archive, [1, 2])
    assert (expunged.kind, expunged.folder_id, expunged.data["uids"]) == ("message.expunged", inbox, [1, 2])


async def test_another_process_is_woken(database_url: str, tmp_path: Path, store: Store, heard: Listener) -> None:
    """A second Database stands for the other process: it shares nothing but the database and the wake-up."""
    other = Store.open(database_url, f"file://{tmp_path / 'blobs'}", data_dir=tmp_path / "data")
    try:
        await asyncio.to_thread(other.db.write, lambda tx: tx.emit("from.elsewhere"), SYSTEM)
        assert (await heard.next()).kind == "from.elsewhere"
    finally:
        await asyncio.to_thread(other.close)


async def test_a_subscriber_that_fails_does_not_silence_the_others(store: Store, heard: Listener) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))

    def broken(_found: list[Event]) -> None:
        raise RuntimeError

    store.feed.subscribe(broken)
    later = Listener(store.feed)
    await store.db.awrite(lambda tx: tx.emit("test.one"), SYSTEM)
    assert (await heard.next()).kind == (await later.next()).kind == "test.one"
    assert len(complaints) == 1


async def test_after_unsubscribing_nothing_is_told(store: Store, heard: Listener) -> None:
    gone = Listener(store.feed)
    gone.unsubscribe()
    gone.unsubscribe()
    await store.db.awrite(lambda tx: tx.emit("test.one"), SYSTEM)
    await heard.next()
    assert gone.queue.empty()


async def test_a_lost_wake_up_only_delays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK_AGAIN_S", 0.05)
    await store.feed.start()
    heard = Listener(store.feed)
    monkeypatch.setattr(store.db, "_announce", lambda: None)
    if store.db._writer is not None:
        monkeypatch.setattr(store.db._writer, "_announce", lambda: None)
    await store.db.awrite(lambda tx: tx.emit("test.unannounced"), SYSTEM)
    assert (await heard.next()).kind == "test.unannounced"
    await store.feed.stop()


async def test_two_hundred_writers_are_told_completely(store: Store, heard: Listener) -> None:
    await asyncio.gather(
        *(store.db.awrite(lambda tx, n=n: tx.emit("test.many", n=n), SYSTEM) for n in range(200))  # type: ignore[misc]
    )
    told = [(await heard.next()).data["n"] for _ in range(200)]
    assert sorted(told) == list(range(200))
    assert heard.queue.empty()


def test_a_durable_reader_goes_on_where_it_stopped(store: Store) -> None:
    store.db.write(lambda tx: [tx.emit(f"e{n}") for n in range(5)], SYSTEM)
    cursor = store.db.read(lambda conn: load_cursor(conn, "worker"))
    first = store.db.read(lambda conn: read_settled(conn, cursor, 3))
    store.db.write(lambda tx: save_cursor_tx(tx, "worker", cursor), SYSTEM)
    again = store.db.read(lambda conn: load_cursor(conn, "worker"))
    rest = store.db.read(lambda conn: read_settled(conn, again))
    assert [event.kind for event in [*first, *rest]] == [f"e{n}" for n in range(5)]


def test_a_cursor_at_the_end_sees_only_what_comes(store: Store) -> None:
    store.db.write(lambda tx: tx.emit("old"), SYSTEM)
    cursor = store.db.read(at_end)
    assert store.db.read(lambda conn: read_on(conn, cursor)) == []
    store.db.write(lambda tx: tx.emit("new"), SYSTEM)
    assert [event.kind for event in store.db.read(lambda conn: read_on(conn, cursor))] == ["new"]
    everything = store.db.read(lambda conn: read_on(conn, Cursor()))
    assert [event.kind for event in everything] == ["old", "new"]


@pytest.mark.database("sqlite")
async def test_the_socket_of_a_dead_process_is_swept_away(store: Store, tmp_path: Path, heard: Listener) -> None:
    folder = tmp_path / "data/run/wake"
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    dead.bind(str(folder / "1-dead"))
    dead.close()
    await store.db.awrite(lambda tx: tx.emit("test.one"), SYSTEM)
    await heard.next()
    await asyncio.to_thread(store.db.wake.announce)
    assert not (folder / "1-dead").exists()


def _waiting(reader: socket.socket) -> int:
    """How many datagrams there are; takes them."""
    found = 0
    with contextlib.suppress(BlockingIOError):
        while reader.recv(1, socket.MSG_DONTWAIT):
            found += 1
    return found


@pytest.mark.database("sqlite")
def test_a_reader_that_is_about_to_look_is_not_woken_again(tmp_path: Path) -> None:
    folder = tmp_path / "wake"
    writer = SocketWake(folder, 0.0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as reader:
        reader.bind(str(folder / "1-reader"))
        bell = folder / "1-reader.bell"
        bell.write_bytes(b"\0")
        for _ in range(5):
            writer.announce()
        assert (_waiting(reader), bell.read_bytes()) == (1, b"\1")
        with bell.open("r+b") as file:
            file.write(b"\0")
        for _ in range(5):
            writer.announce()
        assert _waiting(reader) == 1
        bell.unlink()
        for _ in range(5):
            writer.announce()
        assert _waiting(reader) == 5
    writer.close()


@pytest.mark.database("sqlite")
def test_a_bell_that_a_killed_process_rang_without_sending_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_sockets, "STUCK_S", 1)
    folder = tmp_path / "wake"
    heard = threading.Event()
    reader, writer = SocketWake(folder, 0.0), SocketWake(folder, 0.0)
    reader.listen(heard.set)
    bell = next(folder.glob("*.bell"))
    with bell.open("r+b") as file:
        file.write(b"\1")
    eventually(lambda: bell.read_bytes() == b"\0")
    writer.announce()
    assert heard.wait(30)
    reader.close()
    writer.close()
    assert not list(folder.iterdir())


async def test_a_subscriber_can_wait_for_what_has_been_committed(store: Store, heard: Listener) -> None:
    await asyncio.to_thread(Box.make, store)
    await store.feed.caught_up()
    told = [heard.queue.get_nowait().kind for _ in range(heard.queue.qsize())]
    assert told.count("folder.created") == 6
    await store.feed.caught_up()
    assert heard.queue.empty()


async def test_who_is_in_no_hurry_hears_of_the_first_commit_at_once_and_of_the_others_together(
    database_url: str, tmp_path: Path, store: Store
) -> None:
    """The pace here is longer than any test: what comes within it is not told, and ending does not wait for it."""
    calm = Store.open(database_url, f"file://{tmp_path / 'blobs'}", data_dir=tmp_path / "data", pace_s=3600.0)
    await calm.feed.start()
    heard = Listener(calm.feed)
    try:
        await store.db.awrite(lambda tx: tx.emit("test.first"), SYSTEM)
        assert (await heard.next()).kind == "test.first"
        for _ in range(20):
            await store.db.awrite(lambda tx: tx.emit("test.later"), SYSTEM)
        assert heard.queue.empty()
    finally:
        await calm.feed.stop()
        await asyncio.to_thread(calm.close)
