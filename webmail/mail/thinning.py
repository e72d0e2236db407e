"""Making files smaller behind the pages: a few threads work, pages ask how far they are.

An answer is a file in the cache, which all web processes see: the page that shows what can be done with a letter's
files is asked for again and again while work goes on, and once more when the writer has chosen. Who works on a file
holds a lock (flock(2)) beside its answer: the kernel lets go of it if the process dies, and whoever asks next begins
again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import queue
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Final

import structlog

from webmail.mail import pictures
from webmail.mail.pdfs import asking

log = structlog.get_logger("webmail")

# At once in this process: each takes a core.
AT_ONCE: Final = 2
# Files that wait for their turn, of all letters; further ones begin when somebody asks again.
MOST_WAITING: Final = 8
# Seconds that an answer is kept: letters are nobody's to lie about.
KEPT_S: Final = 3600
# Seconds between two looks at what other processes have done.
LOOK_S: Final = 0.25
# Answers that could not be written, remembered here so that nobody waits for them for ever.
MOST_UNWRITTEN: Final = 1000
_LOCK: Final = ".lock"


@unique
class Kind(Enum):
    """What a file is, which is how it is made smaller."""

    PDF = "pdf"
    PICTURE = "picture"


@unique
class Fate(Enum):
    """What became of a file. SAME: nothing worth while; FAILED: broken, too heavy, or not proved to be the same."""

    MADE = "made"
    SAME = "same"
    SIGNED = "signed"
    LOCKED = "locked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Thinned:
    """data: the new file, b"" unless it is MADE."""

    fate: Fate
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that somebody would have smaller."""

    kind: Kind
    data: bytes


@dataclass(frozen=True, slots=True)
class _Job:
    """lock: of the file at `path` with `_LOCK` behind, held."""

    path: Path
    wanted: Wanted
    lock: int


class Thinner:
    """folder: a cache that may be emptied at any time; nothing else lives in it. Safe between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: queue.Queue[_Job] = queue.Queue(MOST_WAITING)
        self._counting = threading.Lock()
        self._threads = 0
        self._done = threading.Condition()
        self._unwritten: set[str] = set()

    def ask(self, files: Sequence[Wanted], patience: float = 0.0) -> list[Thinned | None]:
        """What became of each, in order; None: work is still under way. What nobody works on is begun.

        Blocks at most some `patience` seconds, less if all is done; never raises, whatever the files are.
        """
        until = time.monotonic() + patience
        named = [(self._folder / f"{one.kind.value}-{hashlib.sha256(one.data).hexdigest()}", one) for one in files]
        while True:
            found = [self._found(path, one) for path, one in named]
            left = until - time.monotonic()
            if None not in found or left <= 0:
                return found
            with self._done:
                self._done.wait(min(left, LOOK_S))

    def _found(self, path: Path, wanted: Wanted) -> Thinned | None:
        if (known := _answer(path)) is not None:
            return known
        if path.name in self._unwritten:
            return Thinned(Fate.FAILED)
        try:
            lock = self._claim(path)
        except OSError as fault:
            log.error("file not made smaller", error=type(fault).__name__)
            return Thinned(Fate.FAILED)
        if lock is None:
            return None
        job = _Job(path, wanted, lock)
        # Who held the lock until now may have written the answer just before.
        if (known := _answer(path)) is not None or not self._begun(job):
            _let_go(job)
        return known

    def _claim(self, path: Path) -> int | None:
        """The lock of one answer; None: somebody has it. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        except OSError:
            os.close(lock)
            raise
        return lock

    def _begun(self, job: _Job) -> bool:
        """Whether there was room for it. Threads are there while there is work."""
        with self._counting:
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                return False
            if self._threads < AT_ONCE:
                self._threads += 1
                # A daemon: what it does may be lost at any time, and a process that ends does not wait for it.
                threading.Thread(target=self._work, name="thinner", daemon=True).start()
        return True

    def _next(self) -> _Job | None:
        """None: there is none, and the thread that asked ends; whoever brings the next one knows by then."""
        with self._counting:
            try:
                return self._jobs.get_nowait()
            except queue.Empty:
                self._threads -= 1
                return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._keep(job.path, _told(job.wanted))
            except Exception as fault:  # the thread goes on, whatever happened to one file
                log.error("file not made smaller", error=type(fault).__name__)
                if len(self._unwritten) >= MOST_UNWRITTEN:
                    self._unwritten.clear()
                self._unwritten.add(job.path.name)
            finally:
                _let_go(job)
            with self._done:
                self._done.notify_all()

    def _keep(self, path: Path, told: bytes) -> None:
        """Whole or not at all; need not survive a power cut. What has lain too long goes. Raises OSError."""
        for old in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                if old.stat().st_mtime < time.time() - KEPT_S:
                    old.unlink()
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(told)
        Path(file.name).replace(path)


def _told(wanted: Wanted) -> bytes:
    """A word of `Fate`, a line feed, the new file. Raises OSError: no process could be started."""
    return asking.told(wanted.data) if wanted.kind is Kind.PDF else pictures.told(wanted.data)


def _answer(path: Path) -> Thinned | None:
    try:
        word, _line, made = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return Thinned(Fate(word.decode()), made)


def _let_go(job: _Job) -> None:
    job.path.with_name(job.path.name + _LOCK).unlink(missing_ok=True)
    os.close(job.lock)
