"""Addresses of the Sender Rewriting Scheme (M. S. Wong, *SRS*, 2003): made, and read back. Pure.

    SRS0=hash=days=domain=local      a sender of another domain, at a domain of ours
    SRS1=hash=domain==rest           a sender that another forwarder had rewritten already (its SRS0 without "SRS0")
    SRS0=hash=days==token            a sender that is too long for that, or not plain ASCII: kept under the token

hash: HMAC-SHA-256 under a key of the agency, 50 bits of it; days: since 1970, modulo 1024. Both are base32 (RFC 4648
§6), and are compared without case, for some servers change the case of local parts. SRS1 has no days: the forwarder
before us has them in `rest` and looks at them itself.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Base32 characters of a hash: guessing one takes 2^50 attempts, each of them a connection.
HASH = 10
# Octets of a local part (RFC 5321 §4.5.3.1.1).
MOST_LOCAL = 64
# Days for which a rewritten sender takes what comes back; queues elsewhere give up after five (RFC 5321 §4.5.4.1).
VALID_DAYS = 21
_WHEEL = 1024

# Whoever made it may have used any of the three separators.
_REWRITTEN = re.compile(r"srs[01][=+-]", re.I)
_SRS0 = re.compile(r"srs0[=+-]([a-z2-7]+)=([a-z2-7]{2})=([^=]*)=(.+)", re.I)
_SRS1 = re.compile(r"srs1[=+-]([a-z2-7]+)=([^=]+)=([=+-].+)", re.I)
# A dot-atom (RFC 5321 §4.1.2); what is quoted or not ASCII is kept under a token.
_ATOMS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.I)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.I)


class NotOurs(ValueError):
    """No address of this scheme, or its hash was made with none of these keys."""


class Expired(ValueError):
    """It was made by us, too long ago."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What a rewritten local part stands for: a sender, or the token under which one is kept (the other is "")."""

    sender: str = ""
    token: str = ""


def is_rewritten(local: str) -> bool:
    """Whether a local part looks like one of this scheme, whosever it is."""
    return _REWRITTEN.match(local) is not None


def wrap(sender: str, key: bytes, day: int) -> str | None:
    """The local part that stands for a sender; None: it needs a token. day: since 1970-01-01."""
    local, _, domain = sender.rpartition("@")
    if not (_ATOMS.fullmatch(local) and _NAME.fullmatch(domain)):
        return None
    if again := _SRS1.fullmatch(local):
        made = _srs1(again[2], again[3], key)
    elif _SRS0.fullmatch(local):
        made = _srs1(domain, local[len("SRS0") :], key)
    else:
        made = _srs0(domain, local, key, day)
    return made if len(made) <= MOST_LOCAL else None


def wrap_token(token: str, key: bytes, day: int) -> str:
    """The local part that stands for a sender kept under a token. token: lower case letters and digits."""
    return _srs0("", token, key, day)


def unwrap(local: str, keys: Sequence[bytes], day: int) -> Wrapped:
    """What a local part of ours stands for. Raises NotOurs, Expired."""
    if found := _SRS1.fullmatch(local):
        given, domain, rest = found.groups()
        _require(given, keys, "srs1", domain, rest)
        return Wrapped(f"SRS0{rest}@{domain}")
    found = _SRS0.fullmatch(local)
    if found is None:
        raise NotOurs(local)
    given, days, domain, rest = found.groups()
    _require(given, keys, "srs0", days, domain, rest)
    if not _is_fresh(days, day):
        raise Expired(local)
    return Wrapped(f"{rest}@{domain}") if domain else Wrapped(token=rest.lower())


def days_of(day: int) -> str:
    """A day as it stands in an address."""
    return ALPHABET[day % _WHEEL // 32] + ALPHABET[day % 32]


def _is_fresh(days: str, day: int) -> bool:
    then = ALPHABET.index(days[0].upper()) * 32 + ALPHABET.index(days[1].upper())
    # A clock beside ours may already have tomorrow.
    return (day + 1 - then) % _WHEEL <= VALID_DAYS + 1


def _srs0(domain: str, local: str, key: bytes, day: int) -> str:
    days = days_of(day)
    return f"SRS0={_hash(key, 'srs0', days, domain, local)}={days}={domain}={local}"


def _srs1(domain: str, rest: str, key: bytes) -> str:
    return f"SRS1={_hash(key, 'srs1', domain, rest)}={domain}={rest}"


def _hash(key: bytes, *parts: str) -> str:
    digest = hmac.new(key, "\0".join(parts).lower().encode("ascii"), sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number >> (59 - 5 * place) & 31] for place in range(HASH))


def _require(given: str, keys: Sequence[bytes], *parts: str) -> None:
    if not all(part.isascii() for part in parts):
        raise NotOurs(given)
    if not any(hmac.compare_digest(_hash(key, *parts), given.upper()) for key in keys):
        raise NotOurs(given)
