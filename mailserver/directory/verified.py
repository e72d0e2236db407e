"""Passwords that were right, remembered so that a mail client that signs in again costs no argon2.

What is kept of a password is an HMAC under a random key that never leaves the memory, tied to the
credential's hash, so that any change of the credential makes it worthless. The memory is shared with all
processes that are forked afterwards: who has signed in at one has at all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import mmap
import secrets

from mailserver.directory import passwords
from mailserver.directory.accounts import Credential

# Credentials remembered; two whose ids are that far apart forget one another. Memory that nobody has used
# takes no room.
PLACES = 32_768
_DIGEST = hashlib.sha256().digest_size


class Verified:
    """Which password was right for which credential. No locks: whatever reads half of a digest that is just
    being written finds that it does not fit, and asks argon2."""

    def __init__(self, places: int = PLACES) -> None:
        self._key = secrets.token_bytes(32)
        self._places = places
        self._memory = mmap.mmap(-1, places * _DIGEST)

    def knows(self, credential: Credential, password: str) -> bool:
        at = self._place(credential)
        return hmac.compare_digest(self._memory[at : at + _DIGEST], self._digest(credential, password))

    def remember(self, credential: Credential, password: str) -> None:
        at = self._place(credential)
        self._memory[at : at + _DIGEST] = self._digest(credential, password)

    def _place(self, credential: Credential) -> int:
        return credential.id % self._places * _DIGEST

    def _digest(self, credential: Credential, password: str) -> bytes:
        # Fixed-length parts first, so that no two triples run together to the same text.
        text = hashlib.sha256(credential.hash.encode()).digest() + credential.id.to_bytes(8, "big")
        text += passwords.prepared(password).encode(errors="surrogatepass")
        return hmac.digest(self._key, text, "sha256")
