"""The reserve on the disk: who is let in, who is refused, and what the WAL has to do with it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import checkpoints, room
from mailserver.store.errors import StoreFull, StoreUnavailable
from mailserver.store.ingest import prepare
from mailserver.store.room import LOOKED_S, NEAR, PROMISED_S, Room
from mailserver.store.store import Store

PAGE = 4096
RESERVE = 50_000  # pages: a 20th of a disk of a million


class Disks:
    """Disks by folder, in pages free; and a clock."""

    def __init__(self) -> None:
        self.free: dict[Path, int] = {}
        self.now = 0.0

    def look(self, folder: Path) -> SimpleNamespace:
        if folder not in self.free:
            raise OSError(5, "Input/output error")
        return SimpleNamespace(f_frsize=PAGE, f_blocks=1_000_000, f_bavail=self.free[folder])


@pytest.fixture
def disks(monkeypatch: pytest.MonkeyPatch) -> Disks:
    made = Disks()
    monkeypatch.setattr(os, "statvfs", made.look)
    return made


A, B = Path("/a"), Path("/b")


def test_the_reserve_is_not_given_away(disks: Disks) -> None:
    disks.free[A] = RESERVE + 10
    one = Room(A)
    with pytest.raises(StoreFull):
        one.require(PAGE * 10 + 1)
    one.require(PAGE * 10)


def test_what_was_promised_counts_until_it_is_on_the_disk(disks: Disks) -> None:
    disks.free[A] = RESERVE + 10
    one = Room(A, clock=lambda: disks.now)
    one.require(PAGE * 10)
    for _ in range(3):
        with pytest.raises(StoreFull):
            one.require(1)
    disks.now += PROMISED_S
    with pytest.raises(StoreFull):
        one.require(1)
    disks.now += PROMISED_S
    one.require(PAGE * 10)
    disks.now += 10 * PROMISED_S
    one.require(PAGE * 10)


def test_disks_far_from_their_reserve_are_looked_at_now_and_then_and_near_it_every_time(disks: Disks) -> None:
    disks.free[A] = RESERVE + NEAR // PAGE + 1
    one = Room(A, clock=lambda: disks.now)
    one.require(1)
    disks.free[A] = RESERVE + 10  # somebody else filled it at this moment
    one.require(PAGE * 11)
    disks.now += LOOKED_S
    for _ in range(2):
        with pytest.raises(StoreFull):
            one.require(1)
    disks.free[A] = RESERVE + 100
    one.require(PAGE * 80)


def test_the_fullest_disk_decides(disks: Disks) -> None:
    disks.free |= {A: RESERVE + 100, B: RESERVE + 1}
    one = Room(A)
    assert one.has(PAGE * 100)
    one.watch(B)
    assert (one.has(PAGE), one.has(PAGE + 1)) == (True, False)


def test_a_disk_that_cannot_be_looked_at_is_unavailable(disks: Disks) -> None:
    one = Room(A)
    with pytest.raises(StoreUnavailable):
        one.require(1)
    assert one.has(1)
    assert not one.is_scarce()


def test_scarce_is_seen_at_once_when_the_reserve_is_near_and_soon_when_it_was_far(disks: Disks) -> None:
    far, near = RESERVE + NEAR // PAGE + 1, RESERVE + NEAR // PAGE - 1
    disks.free[A] = far
    one = Room(A, clock=lambda: disks.now)
    assert not one.is_scarce()
    disks.free[A] = near
    disks.now += LOOKED_S
    assert one.is_scarce()
    disks.free[A] = far
    assert not one.is_scarce()


def test_without_folders_there_is_no_end() -> None:
    Room().require(1 << 50)
    assert not Room().is_scarce()


def test_the_wal_needs_its_room_once_more(disks: Disks, tmp_path: Path) -> None:
    disks.free[A] = RESERVE + 10
    wal = tmp_path / "wal"
    one = Room(A, wal=wal)
    assert one.left() == PAGE * 10
    wal.write_bytes(bytes(PAGE * 4))
    assert one.left() == PAGE * 6


def test_whoever_can_make_room_hears_of_a_refusal(disks: Disks) -> None:
    disks.free[A] = RESERVE
    heard = []
    one = Room(A)
    one.on_short(lambda: heard.append(1))
    one.require(0)
    assert not heard
    with pytest.raises(StoreFull):
        one.require(1)
    assert heard == [1]


def test_a_message_needs_room_for_its_rows_and_index_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(Room, "require", lambda self, octets: asked.append(octets))
    data = b"Subject: x\r\n\r\n" + b"chu " * 3000
    prepare(data, store.blobs)
    assert asked[0] == len(data)
    assert asked[-1] > 5 * len(data)


def wait_until_empty(file: Path) -> None:
    wait = threading.Event()
    for _ in range(3000):
        if not file.stat().st_size:
            return
        wait.wait(0.01)
    raise AssertionError(f"{file.stat().st_size} octets after 30 s")


@pytest.mark.database("sqlite")
def test_near_the_end_of_the_disk_the_wal_is_given_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PAUSE_S", 0.0)
    monkeypatch.setattr(checkpoints, "LONG_FOR_A_FULL_DISK", 1)
    monkeypatch.setattr(room, "LOOKED_S", 0.0)
    assert store.db.url.database
    wal = Path(store.db.url.database + "-wal")
    store.db.write(lambda tx: tx.emit("test.commit"), SYSTEM)
    assert wal.stat().st_size > 0
    monkeypatch.setattr(room, "_above_reserve", lambda _folder: 0)
    with pytest.raises(StoreFull):
        store.blobs.require_room(1)

    wait_until_empty(wal)
    store.db.write(lambda tx: tx.emit("test.commit"), SYSTEM)  # and after a commit without being told
    wait_until_empty(wal)
