"""Passwords of accounts elsewhere, encrypted where they are kept.

The key is a file of the installation beside the database, readable by its owner only: a copy of the
database alone opens no mailbox. AES-128-CBC with HMAC-SHA-256 (Fernet).
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from mailserver.collector.errors import Failed
from mailserver.collector.records import Trouble


def new_key() -> bytes:
    return Fernet.generate_key()


class Vault:
    """Encrypts and decrypts with one key."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError if this is no key."""
        self._fernet = Fernet(key)

    def __repr__(self) -> str:
        return "Vault(…)"

    def lock(self, password: str) -> bytes:
        return self._fernet.encrypt(password.encode())

    def open(self, secret: bytes) -> str:
        """The password. Raises Failed (SECRET): it was encrypted with another key, or is damaged."""
        try:
            return self._fernet.decrypt(secret).decode()
        except (InvalidToken, UnicodeDecodeError):
            raise Failed(Trouble.SECRET) from None
