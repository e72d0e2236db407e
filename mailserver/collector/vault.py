"""Passwords of accounts elsewhere, encrypted where they are kept (see `mailserver.vault`)."""

from __future__ import annotations

from mailserver import vault
from mailserver.collector.errors import Failed
from mailserver.collector.records import Trouble

__all__ = ["PasswordVault", "new_key"]

new_key = vault.new_key


class PasswordVault(vault.Vault):
    """Encrypts and decrypts with one key."""

    def open(self, locked: bytes) -> str:
        """The password. Raises Failed (SECRET): it was encrypted with another key, or is damaged."""
        try:
            return super().open(locked)
        except vault.WrongKey:
            raise Failed(Trouble.SECRET) from None
