"""kill -9 between any two lines: what was acknowledged is there, whole, once; nothing else is broken."""

import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from mailserver.store import entries, fsck
from mailserver.store.messages import read_octets
from mailserver.store.store import Store
from tests.support.deliverer import message
from tests.support.mail import Box

ROUNDS = 3


def start(database_url: str, tmp_path: Path, folder_id: int, tag: str) -> subprocess.Popen[bytes]:
    blobs, data = f"file://{tmp_path / 'blobs'}", str(tmp_path / "data")
    command = [sys.executable, "-m", "tests.support.deliverer", database_url, blobs, data, str(folder_id), tag]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])


def acknowledged(process: subprocess.Popen[bytes], count: int) -> int:
    """Let it deliver `count` messages, kill it, and read the last number it said."""
    assert process.stdout is not None
    last = -1
    for _ in range(count):
        last = int(process.stdout.readline())
    process.kill()
    for line in process.stdout.read().splitlines():
        last = int(line)
    process.wait(30)
    process.stdout.close()
    return last


@pytest.mark.slow
def test_two_processes_killed_again_and_again_lose_nothing(store: Store, database_url: str, tmp_path: Path) -> None:
    dice = random.Random(7)
    box = Box.make(store)
    folder_id = box.folder().id
    expected: dict[str, int] = {}
    for round_number in range(ROUNDS):
        tags = [f"r{round_number}a", f"r{round_number}b"]
        running = [start(database_url, tmp_path, folder_id, tag) for tag in tags]
        for tag, process in zip(tags, running, strict=True):
            expected[tag] = acknowledged(process, dice.randint(3, 40))
    kept = store.db.read(lambda conn: entries.snapshot(conn, folder_id))
    octets = [store.db.read(partial(read_octets, blobs=store.blobs, message_pk=pk)) for pk in kept.message_pks]
    for tag, last in expected.items():
        for number in range(last + 1):
            assert octets.count(message(tag, number)) == 1
        # The one after the last acknowledged may have been committed, none beyond it.
        assert message(tag, last + 2) not in octets
    assert kept.uids == list(range(1, len(kept) + 1))
    assert fsck.check(store.db, store.blobs) == []
