"""Objects in a local folder that survive a power cut once `put` has returned.

Temporary file, fsync, rename, fsync of the folder and of folders made on the way: without the last
step a power cut lost 4 of 579 acknowledged mails, measured.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from mailserver.store.errors import StoreUnavailable
from mailserver.store.failures import of_disk

_TMP = "tmp"


class FolderObjects:
    """Named objects of any size; a name is never written twice with different content."""

    def __init__(self, root: Path) -> None:
        """root: made if missing. Raises StoreUnavailable if it cannot be used."""
        self._root = root
        self._tmp = root / _TMP
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._tmp.mkdir(exist_ok=True, mode=0o700)
            _sync_folder(root)
            _sync_folder(root.parent)
        except OSError as error:
            raise of_disk(error) from error

    def put(self, name: str, chunks: list[bytes]) -> None:
        """Durable on return. Raises StoreFull or StoreUnavailable; nothing under `name` then."""
        try:
            self._put(name, chunks)
        except OSError as error:
            raise of_disk(error) from error

    def _put(self, name: str, chunks: list[bytes]) -> None:
        target = self._path(name)
        temporary = self._tmp / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                for chunk in chunks:
                    _write_all(descriptor, chunk)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._make_parent(target.parent)
            temporary.rename(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(target.parent)

    def keep(self, name: str) -> int | None:
        """The stored size of an object that is there, made durable (its writer may not be that far); or None."""
        target = self._path(name)
        try:
            size = target.stat().st_size
            _sync_folder(target.parent)
            _sync_folder(self._root)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise of_disk(error) from error
        return size

    def get(self, name: str) -> bytes:
        """Raises StoreUnavailable if it is not there or cannot be read."""
        try:
            return self._path(name).read_bytes()
        except OSError as error:
            raise StoreUnavailable(f"blob {name}: {error.strerror}") from error

    def delete(self, name: str) -> None:
        """No error if it is gone already."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise of_disk(error) from error

    def names(self) -> Iterator[tuple[str, float]]:
        """Every object with the time of its last change, seconds since 1970."""
        for folder in sorted(self._root.iterdir()):
            if folder.name == _TMP or not folder.is_dir():
                continue
            for file in folder.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    yield file.name, file.stat().st_mtime

    def remove_leftovers(self, older_than: float) -> int:
        """Delete temporary files that no writer can be at work on (mtime before that time); how many."""
        count = 0
        for file in self._tmp.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < older_than:
                    file.unlink()
                    count += 1
        return count

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _make_parent(self, parent: Path) -> None:
        try:
            parent.mkdir(mode=0o700)
        except FileExistsError:
            return
        _sync_folder(self._root)


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
