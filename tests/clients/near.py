"""A tree of Maildirs as another mail program on the same machine changes it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from imapclient import imap_utf7

from tests.clients.far import Contents
from tests.clients.letters import letter, name_of

_NUMBERS = count(1)
# A file may be listed under a name that it has no more when it is read.
LOOKS = 5
_INFO = re.compile(r":2,([A-Za-z]*)$")


@dataclass(frozen=True)
class Near:
    """top: the folder with one Maildir for each mail folder, named as on the server, in UTF-7 if `utf7`."""

    top: Path
    utf7: bool = False

    def folder(self, name: str) -> Path:
        return self.top / (imap_utf7.encode(name).decode() if self.utf7 else name)

    def write(self, folder: str, *names: str, flags: str = "") -> None:
        """New letters, delivered by another program."""
        for name in names:
            path = self.folder(folder) / "cur" / f"{next(_NUMBERS)}.tests.near:2,{flags}"
            path.write_bytes(letter(name).replace(b"\r\n", b"\n"))

    def set_flags(self, folder: str, name: str, flags: str) -> None:
        path = self.find(folder, name)
        path.rename(self.folder(folder) / "cur" / f"{_INFO.sub('', path.name)}:2,{flags}")

    def remove(self, folder: str, *names: str) -> None:
        for name in names:
            self.find(folder, name).unlink()

    def move(self, folder: str, target: str, *names: str) -> None:
        """To another folder under a new name, as programs do that know of synchronisation."""
        for name in names:
            path = self.find(folder, name)
            path.rename(self.folder(target) / "cur" / f"{next(_NUMBERS)}.tests.moved{_info(path)}")

    def find(self, folder: str, name: str) -> Path:
        """The file of a letter, also while a program renames others. Raises AssertionError if it is not there."""
        for _ in range(LOOKS):
            for path in self.files(folder):
                with contextlib.suppress(FileNotFoundError):
                    if name_of(path.read_bytes()) == name:
                        return path
        raise AssertionError(f"{name} is not in {folder}")

    def files(self, folder: str) -> list[Path]:
        return sorted(path for part in ("cur", "new") for path in (self.folder(folder) / part).iterdir())

    def contents(self, *folders: str) -> Contents:
        """What is in these folders; in all if none is named. Raises AssertionError if one letter is there twice."""
        every = {str(cur.parent.relative_to(self.top)) for cur in self.top.rglob("cur")}
        if self.utf7:
            every = {imap_utf7.decode(name.encode()) for name in every}
        return {name: self._contents(name) for name in every if not folders or name in folders}

    def _contents(self, folder: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self.files(folder):
            octets = path.read_bytes()
            name = name_of(octets)
            assert name not in found, f"{name} is twice in {folder}"
            wanted = letter(name).replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]
            assert octets.replace(b"\r\n", b"\n").endswith(wanted), octets
            found[name] = "".join(sorted(set(_info(path)[3:]) & set("DFRST")))
        return found


def _info(path: Path) -> str:
    found = _INFO.search(path.name)
    return found[0] if found else ":2,"
