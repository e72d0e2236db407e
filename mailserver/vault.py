"""Short secrets that must be read again, encrypted where they are kept.

The key is a file of the installation beside the database, readable by its owner only: a copy of the
database alone tells none of them. AES-128-CBC with HMAC-SHA-256 (Fernet).
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken


class WrongKey(Exception):
    """The secret was encrypted with another key, or is damaged."""


def new_key() -> bytes:
    return Fernet.generate_key()


class Vault:
    """Encrypts and decrypts with one key."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError if this is no key."""
        self._fernet = Fernet(key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def lock(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, locked: bytes) -> str:
        """The secret. Raises WrongKey."""
        try:
            return self._fernet.decrypt(locked).decode()
        except (InvalidToken, UnicodeDecodeError):
            raise WrongKey from None
