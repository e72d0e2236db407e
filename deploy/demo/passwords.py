"""The demo's one-time passwords, kept so that a later `make run` can print them again."""

from __future__ import annotations

import json
from pathlib import Path

from deploy import durable
from mailserver.directory.passwords import new_first_password


class Passwords:
    """Address to password, in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def of(self, address: str) -> str:
        """The password of an address, made and written down at the first question."""
        if address not in self._known:
            self._known[address] = new_first_password()
            self._save()
        return self._known[address]

    def _save(self) -> None:
        durable.write(self._path, json.dumps(self._known, indent=1).encode())
