"""One-time codes of six digits, by counter (RFC 4226) and by time (RFC 6238). Pure; no database, no clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

# RFC 4226 §4 R6: 160 bits are recommended.
SECRET_OCTETS = 20
DIGITS = 6
# Seconds a code lasts (RFC 6238 §5.2); all apps know this one.
STEP_S = 30
# Steps to either side that are taken for clocks and fingers that are late (RFC 6238 §5.2: one).
WINDOW = 1


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_OCTETS)


def code_at(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of a counter (RFC 4226 §5.3): the last digits of 31 bits of an HMAC."""
    digest = hmac.digest(secret, counter.to_bytes(8, "big"), hashlib.sha1)
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(now: datetime) -> int:
    """The counter of a moment (RFC 6238 §4.2)."""
    return int(now.timestamp()) // STEP_S


def fitting_step(secret: bytes, typed: str, now: datetime, after: int) -> int | None:
    """The step whose code this is, later than `after`; None if it is none: wrong, too old, or used already.

    A code counts once (RFC 6238 §5.2), so the caller keeps the step. typed: digits, spaces do not count.
    All steps are compared, each in constant time.
    """
    digits = "".join(typed.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    here, found = step_at(now), None
    for step in range(max(0, here - WINDOW), here + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step), digits) and step > after:
            found = step
    return found


def shown(secret: bytes) -> str:
    """A secret as people type it into an app: base32 in groups of four (RFC 4648 §6)."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def uri(secret: bytes, issuer: str, account: str) -> str:
    """What the QR code says to an app (the Key URI format all of them read)."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    query = urlencode({"secret": letters, "issuer": issuer, "digits": DIGITS, "period": STEP_S}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"
