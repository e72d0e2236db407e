"""Pages of PDF files as pictures, made once, kept on disk by what they show."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from webmail import caching

WIDTHS = (600, 1000, 1600)
TIMEOUT_S = 20.0
# Renderings at once in this process: each takes a core.
AT_ONCE = 2
MOST_SHOWN = 300


class NotRenderable(Exception):
    """The file is broken, protected by a password, or too heavy to be shown."""


@dataclass(frozen=True, slots=True)
class Facts:
    """pages: how many in all. sizes: (width, height) in points of those that can be shown."""

    pages: int
    sizes: tuple[tuple[float, float], ...]


class PageImages:
    """folder: a cache that may be emptied at any time (see `caching`); nothing else lives in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room = threading.Semaphore(AT_ONCE)

    def facts(self, key: str, load: Callable[[], bytes]) -> Facts:
        """What is in the PDF `key` (its SHA-256 in hex). Raises NotRenderable."""
        raw = self._kept(f"{key}.json", load, ("facts",))
        found = json.loads(raw)
        return Facts(found["pages"], tuple((width, height) for width, height in found["sizes"]))

    def page(self, key: str, number: int, width: int, load: Callable[[], bytes]) -> bytes:
        """A JPEG of page `number` (from 1) in one of WIDTHS. Raises NotRenderable."""
        if width not in WIDTHS or not 1 <= number <= MOST_SHOWN:
            raise NotRenderable(key)
        return self._kept(f"{key}-{number}-{width}.jpg", load, ("page", str(number - 1), str(width)))

    def _kept(self, name: str, load: Callable[[], bytes], arguments: tuple[str, ...]) -> bytes:
        path = self._folder / name[:2] / name
        failed = path.with_name(name + ".failed")
        if (known := _known(path)) is not None:
            return known
        if failed.exists():
            raise NotRenderable(name)
        with self._room:
            if (known := _known(path)) is not None:
                return known
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                made = _run(load(), arguments)
            except NotRenderable:
                failed.touch()
                raise
            _write(path, made)
            return made


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _run(data: bytes, arguments: tuple[str, ...]) -> bytes:
    """One rendering in a process that ends with its answer, its fault, or the time it has."""
    command = [sys.executable, "-m", "webmail.pdfworker", *arguments]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False, env=environment)
    except subprocess.TimeoutExpired as expired:
        raise NotRenderable(arguments[0]) from expired
    if done.returncode != 0 or not done.stdout:
        raise NotRenderable(arguments[0])
    return done.stdout


def _known(path: Path) -> bytes | None:
    """What was made before, and is used again; None: it is not there, or has just been removed."""
    try:
        made = path.read_bytes()
    except FileNotFoundError:
        return None
    caching.note_use(path, time.time())
    return made


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all; need not survive a power cut."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)
