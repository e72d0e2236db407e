"""Asks for a PDF with smaller pictures, and keeps the answer for a while: the page that shows it asks twice."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Final

# Seconds for all PDFs of a letter; those that are not done by then stay as they are.
SECONDS: Final = 40.0
MOST_FILES: Final = 10
# At once in this process: each takes a core.
AT_ONCE: Final = 2
# Seconds that an answer is kept: letters are nobody's to lie about.
KEPT_S: Final = 3600


@unique
class Fate(Enum):
    """What became of a PDF. SAME: nothing worth while; FAILED: broken, too heavy, or not proved to be the same."""

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


class Thinner:
    """folder: a cache that may be emptied at any time; nothing else lives in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room = threading.Semaphore(AT_ONCE)

    def thin(self, files: Sequence[bytes]) -> list[Thinned]:
        """Of each, in order. Blocks for some `SECONDS`; never raises, whatever the files are."""
        until = time.monotonic() + SECONDS
        found = [self._one(data, until) for data in files[:MOST_FILES]]
        return found + [Thinned(Fate.FAILED)] * (len(files) - len(found))

    def _one(self, data: bytes, until: float) -> Thinned:
        path = self._folder / hashlib.sha256(data).hexdigest()
        try:
            return _read(path.read_bytes())
        except OSError:
            pass
        if not self._room.acquire(timeout=max(until - time.monotonic(), 0)):
            return Thinned(Fate.FAILED)  # of this moment, not of the file: not kept
        try:
            told = _run(data, until - time.monotonic())
        except OSError:
            return Thinned(Fate.FAILED)
        finally:
            self._room.release()
        self._keep(path, told)
        return _read(told)

    def _keep(self, path: Path, told: bytes) -> None:
        """Whole or not at all; need not survive a power cut. What has lain too long goes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self._folder.iterdir():
            if old.stat().st_mtime < time.time() - KEPT_S:
                old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(told)
        Path(file.name).replace(path)


def is_pdf(data: bytes) -> bool:
    """By what it is: names and types are the sender's. Readers look for the mark in the first 1024 octets."""
    return b"%PDF-" in data[:1024]


def _read(told: bytes) -> Thinned:
    word, _line, made = told.partition(b"\n")
    return Thinned(Fate(word.decode()), made)


def _run(data: bytes, seconds: float) -> bytes:
    """What a process says that ends with its answer, its fault, or the time it has. Raises OSError."""
    command = [sys.executable, "-m", "webmail.mail.pdfs.child"]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)}
    failed = Fate.FAILED.value.encode() + b"\n"
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=max(seconds, 0), check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return failed
    return done.stdout if done.returncode == 0 and b"\n" in done.stdout else failed
