"""Where a message waits while it comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailserver.smtp.spool import IN_MEMORY, Spool


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_small_messages_never_touch_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "missing")
    spool.write(b"one ")
    await spool.settle()
    spool.write(b"two")
    assert (await spool.read(), spool.size) == (b"one two", 7)
    spool.close()


async def test_large_messages_come_back_whole_and_leave_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    blocks = [bytes([number]) * 300_000 for number in range(12)]
    for block in blocks:
        spool.write(block)
        await spool.settle()
    assert await spool.read() == b"".join(blocks)
    spool.close()
    spool.close()
    assert names_in(tmp_path) == []


async def test_a_disk_that_fails_is_told_at_the_end_and_the_rest_is_dropped(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "missing")
    spool.write(b"x" * (IN_MEMORY + 1))
    await spool.settle()
    assert spool.fault is not None
    spool.write(b"more")
    await spool.settle()
    with pytest.raises(FileNotFoundError):
        await spool.read()
    assert spool.size == IN_MEMORY + 5
