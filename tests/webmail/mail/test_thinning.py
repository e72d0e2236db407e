"""Work behind the pages: begun once, seen by every process, begun again if a process died, never without an end."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from pathlib import Path

import pytest

from tests.webmail.mail.pdfs.papers import Paper, jpeg
from webmail.mail import thinning
from webmail.mail.thinning import KEPT_S, Fate, Kind, Thinned, Thinner, Wanted

GOOD = Wanted(Kind.PDF, Paper(jpeg("RGB")).written())
BROKEN = Wanted(Kind.PDF, b"%PDF-1.7 " + b"x" * 200_000)


def finished(thinner: Thinner, *files: Wanted) -> list[Thinned]:
    while None in (found := thinner.ask(files, 1.0)):
        pass
    return [one for one in found if one is not None]


def rest() -> None:
    """Until the threads have nothing to do any more, and have ended."""
    for one in threading.enumerate():
        if one.name == "thinner":
            one.join()


def locked(folder: Path, wanted: Wanted) -> int:
    """What another process that works on it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{wanted.kind.value}-{hashlib.sha256(wanted.data).hexdigest()}.lock"
    lock = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def test_who_asks_does_not_wait_and_is_told_in_the_end(tmp_path: Path) -> None:
    thinner = Thinner(tmp_path / "smaller")
    assert thinner.ask([GOOD, BROKEN]) == [None, None]
    made, broken = finished(thinner, GOOD, BROKEN)
    assert made.fate is Fate.MADE and made.data.startswith(b"%PDF-") and len(made.data) < 0.6 * len(GOOD.data)
    assert broken == Thinned(Fate.FAILED)
    assert Thinner(tmp_path / "smaller").ask([BROKEN, GOOD]) == [broken, made], "another process sees it"


def test_what_another_process_works_on_is_left_to_it_until_it_dies(tmp_path: Path) -> None:
    lock, thinner = locked(tmp_path, BROKEN), Thinner(tmp_path)
    assert thinner.ask([BROKEN], 0.5) == [None]
    os.close(lock)
    assert finished(thinner, BROKEN) == [Thinned(Fate.FAILED)]
    rest()
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".lock")] == []


def test_an_answer_goes_after_a_while(tmp_path: Path) -> None:
    old = tmp_path / "pdf-old"
    old.write_bytes(b"made\n%PDF-")
    os.utime(old, (old.stat().st_mtime - KEPT_S - 60,) * 2)
    finished(Thinner(tmp_path), BROKEN)
    assert not old.exists()


def test_nobody_waits_for_an_answer_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "smaller"
    folder.write_text("in the way")
    assert Thinner(folder).ask([GOOD]) == [Thinned(Fate.FAILED)]


def test_many_files_wait_for_their_turn_and_all_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def told(wanted: Wanted) -> bytes:
        go.wait()
        if wanted.data == b"7":
            raise OSError("no process")
        return b"same\n"

    monkeypatch.setattr(thinning, "_told", told)
    thinner = Thinner(tmp_path)
    files = [Wanted(Kind.PICTURE, b"%d" % number) for number in range(3 * thinning.MOST_WAITING)]
    assert set(thinner.ask(files)) == {None}
    go.set()
    found = finished(thinner, *files)
    assert [one.fate for one in found].count(Fate.SAME) == len(files) - 1 and found[7].fate is Fate.FAILED


def test_threads_end_with_the_work_and_come_again_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "_told", lambda wanted: b"same\n")
    thinner = Thinner(tmp_path)
    for number in range(50):
        rest()
        assert finished(thinner, Wanted(Kind.PICTURE, b"%d" % number)) == [Thinned(Fate.SAME)]
