"""The text of files, each file read once: the form is opened again for every mistake in it."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from mailserver.mime.extract import extract_text
from mailserver.text import nfc

REMEMBERED = 64  # files
MAX_CHARACTERS = 100_000  # of one file: the signer stands at the end of a document, not of its annexes


class FileReader:
    """Remembers the last files by content."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._lock = Lock()

    def text(self, data: bytes, media_type: str, filename: str) -> str:
        """Unicode NFC; "" for what cannot be read. Takes a child process and up to 20 s the first time."""
        key = sha256(data).digest()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = nfc(extract_text(data, media_type, filename))[:MAX_CHARACTERS]
        with self._lock:
            self._known[key] = found
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found
