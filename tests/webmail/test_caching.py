"""The cache on disk has bounds, by age and by size; what is used stays."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from tests.webmail.sample import scan
from webmail.caching import KEPT_S, NOTED_S, Tidied, note_use, tidy
from webmail.pageimages import PageImages

NOW = 1_800_000_000.0
PAPER = scan("ubnd", "1482/UBND-KTN", "V/v rà soát", date(2026, 11, 2), pages=1)


def put(folder: Path, name: str, age: float, octets: int = 4096) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * octets)
    os.utime(path, (NOW - age, NOW - age))
    return path


def test_what_nobody_has_used_for_long_goes_wherever_it_lies(tmp_path: Path) -> None:
    old = [put(tmp_path, name, KEPT_S + 1) for name in ("pages/ab/abc-1-600.jpg", "pdfs/left-by-an-older-version")]
    used = put(tmp_path, "pages/ab/abd-1-600.jpg", KEPT_S - 1)
    assert tidy(tmp_path, NOW) == Tidied(2, 8192)
    assert used.exists() and not any(path.exists() for path in old)
    assert tidy(tmp_path, NOW) == tidy(tmp_path / "nowhere", NOW) == Tidied(0, 0)


def test_beyond_the_size_the_longest_unused_goes_first(tmp_path: Path) -> None:
    paths = [put(tmp_path, f"pages/{number}", number * 60) for number in range(4)]
    assert tidy(tmp_path, NOW, largest=2 * 4096) == Tidied(2, 8192)
    assert [path.exists() for path in paths] == [True, True, False, False]


def test_a_page_that_is_looked_at_is_used(tmp_path: Path) -> None:
    images = PageImages(tmp_path / "pages")
    images.page("a" * 64, 1, 600, lambda: PAPER)
    (path,) = (tmp_path / "pages").rglob("*.jpg")
    long_ago = path.stat().st_mtime - KEPT_S
    os.utime(path, (long_ago, long_ago))
    images.page("a" * 64, 1, 600, bytes)
    assert path.stat().st_mtime > long_ago + NOTED_S
    path.unlink()  # as the worker does: it is drawn again
    assert images.page("a" * 64, 1, 600, lambda: PAPER)


def test_a_use_is_noted_once_a_day_and_never_fails(tmp_path: Path) -> None:
    fresh = put(tmp_path, "a", NOTED_S - 1)
    note_use(fresh, NOW)
    assert fresh.stat().st_mtime == NOW - NOTED_S + 1
    note_use(tmp_path / "gone", NOW)
