"""Passwords: which are good enough, how they are hashed, and those made for programs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailserver.directory.errors import Sentence, WeakPassword
from mailserver.text import fold

# ASVS 6.2.1 and 6.2.9: at least 8 characters, at least 64 allowed; the bound is against waste.
SHORTEST = 8
LONGEST = 256

# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes, 1 lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _hash_of_nothing() -> str:
    """In the form of `_HASHER`'s own hashes, but random: no password leads to it."""
    salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${salt}${digest}"


# What an unknown account is checked against, so that it takes as long as a known one.
_NOBODY = _hash_of_nothing()

_APP_PREFIX = "sha256$"
_APP_GROUPS, _APP_GROUP_LETTERS = 4, 4

TOO_SHORT = Sentence("Mật khẩu phải có ít nhất 8 ký tự.", "The password needs at least 8 characters.")
TOO_LONG = Sentence("Mật khẩu dài quá 256 ký tự.", "The password is longer than 256 characters.")
IS_NAME = Sentence("Mật khẩu không được là tên tài khoản.", "The password must not be the account's name.")
TOO_COMMON = Sentence(
    "Mật khẩu này quá phổ biến, ai cũng đoán được.", "This password is one of the first that anybody would guess."
)
HAS_CONTROLS = Sentence("Mật khẩu chứa ký tự điều khiển.", "The password contains control characters.")

# 132/QĐ-STTTT, Điều 6 khoản 2 hands out 123456: that, and what people type instead of thinking.
_COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text("ascii").split())


@dataclass(frozen=True, slots=True)
class Hashed:
    """The hash of a password that has been checked, ready to be stored.

    scram: a verifier made beforehand too; None: the next sign-in by password makes it.
    """

    text: str = field(repr=False)
    scram: str | None = field(repr=False, default=None)


def prepare(password: str, names: Iterable[str]) -> Hashed:
    """Check and hash a password before a transaction. Raises WeakPassword."""
    check(password, names)
    return Hashed(hashed(password))


def check(password: str, names: Iterable[str]) -> None:
    """Refuse a password that is too easy. names: the account's addresses and its person's name.

    Raises WeakPassword with a sentence for the user. No rule asks for kinds of characters (ASVS 6.2.5).
    """
    if len(password) < SHORTEST:
        raise WeakPassword(TOO_SHORT)
    check_usable(password)
    folded = fold(password).replace(" ", "")
    if folded in _forms(names):
        raise WeakPassword(IS_NAME)
    if folded in _COMMON or len(set(folded)) == 1:
        raise WeakPassword(TOO_COMMON)


def check_usable(password: str) -> None:
    """Refuse what could not be used to sign in with, whoever chose it. Raises WeakPassword."""
    if not password:
        raise WeakPassword(TOO_SHORT)
    if len(password) > LONGEST:
        raise WeakPassword(TOO_LONG)
    if any(unicodedata.category(character) == "Cc" for character in password):
        raise WeakPassword(HAS_CONTROLS)


def _forms(names: Iterable[str]) -> set[str]:
    folded = {fold(name).replace(" ", "") for name in names}
    return folded | {name.partition("@")[0] for name in folded}


def prepared(password: str) -> str:
    """The form that is hashed: the same word typed on any keyboard is the same (RFC 8265 §4.2.2).

    What is longer than any password may be is nobody's, and not worth hashing.
    """
    return unicodedata.normalize("NFC", password) if len(password) <= LONGEST else ""


def hashed(password: str) -> str:
    """The argon2id hash of a password; about 20 ms and 19 MiB."""
    return _HASHER.hash(_octets(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password; as slow for no account at all (None) as for any."""
    try:
        right = _HASHER.verify(stored or _NOBODY, _octets(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def new_app_password() -> str:
    """Sixteen random letters in four groups: 75 bits, easy to type into a phone."""
    return app_shown("".join(secrets.choice(string.ascii_lowercase) for _ in range(_APP_GROUPS * _APP_GROUP_LETTERS)))


def app_shown(password: str) -> str:
    """An app password in the form in which it was shown, however it was typed."""
    letters = _app_letters(password)
    return "-".join(letters[at : at + _APP_GROUP_LETTERS] for at in range(0, len(letters), _APP_GROUP_LETTERS))


def app_hashed(password: str) -> str:
    """SHA-256 is enough for what is random and long; spaces, dashes and case do not count."""
    return _APP_PREFIX + hashlib.sha256(_app_letters(password).encode(errors="surrogatepass")).hexdigest()


def _app_letters(password: str) -> str:
    return "".join(password.split()).replace("-", "").lower()


def app_matches(password: str, stored: str) -> bool:
    """Whether this is the app password; in constant time."""
    return hmac.compare_digest(app_hashed(password), stored)


def new_first_password() -> str:
    """A one-time password that can be read out on the telephone: no 0, o, 1, l, i."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _octets(password: str) -> bytes:
    return prepared(password).encode(errors="surrogatepass")
