"""DKIM signatures on mail that leaves (RFC 6376 §5): `Signer.field` gives the field to put in front."""

from __future__ import annotations

import hashlib
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from mailserver.mime.header import header_end
from mailserver.mime.limits import MAX_HEADER_OCTETS
from mailserver.mime.scan import scan
from mailserver.senderauth.canonical import chosen, fields_of, relaxed_body, relaxed_field
from mailserver.senderauth.domains import as_ascii
from mailserver.senderauth.keys import Key, NotOurs, keys_of, signing
from mailserver.store.database import Database

# Named once more often than they stand there, so that nobody can add one in front (RFC 6376 §8.15).
OVERSIGNED = (
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
# Seconds; longer than any queue holds a message, shorter than a stolen copy is of use.
LIFETIME = 7 * 86_400
# Seconds after which a change of keys is seen.
KEPT = 60.0
LINE = 74  # octets


@dataclass(frozen=True, slots=True)
class _Held:
    until: float
    key: Key
    private: RSAPrivateKey


class Signer:
    """One for a process; may be shared between threads. clock: aware UTC."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def field(self, data: bytes, domain: str) -> bytes:
        """The DKIM-Signature field for a finished message, with its line end. Blocks: call it in a thread.

        data: octets with CRLF line ends, as they will be sent; whatever is put in front or changed later
        must not be among the signed fields. domain: of the author in From, as A-labels in lower case.
        Raises NotOurs for a domain without key here: nobody else's mail is vouched for; StoreUnavailable.
        """
        held = self._key(domain)
        return sign(data, domain, held.key.selector, held.private, self._clock())

    def signed(self, data: bytes) -> bytes:
        """The message with a signature in front, as it is if its author is of no domain of ours.

        Blocks. Raises StoreUnavailable: the mail is better sent later than without.
        """
        domain = author_domain(data)
        try:
            return self.field(data, domain) + data if domain else data
        except NotOurs:
            return data

    def _key(self, domain: str) -> _Held:
        now = time.monotonic()
        with self._lock:
            held = self._held.get(domain)
        if held is not None and held.until > now:
            return held
        key = signing(self._db.read(lambda conn: keys_of(conn, domain)))
        if key is None:
            raise NotOurs(domain)
        fresh = _Held(now + KEPT, key, key.private())
        with self._lock:
            self._held[domain] = fresh
        return fresh


def author_domain(data: bytes) -> str:
    """The domain of the (first) author in From, as A-labels; "" if there is none."""
    authors = scan(data[: min(header_end(data, 0, len(data)), MAX_HEADER_OCTETS)]).from_
    return (as_ascii(authors[0].domain) or "") if authors else ""


def sign(data: bytes, domain: str, selector: str, key: RSAPrivateKey, now: datetime) -> bytes:
    """A signature in the relaxed forms, by RSA with SHA-256. Pure."""
    end = header_end(data, 0, len(data))
    fields = fields_of(data[:end])
    names = _names([name for name, _ in fields])
    body_hash = b64encode(hashlib.sha256(relaxed_body(data[end:])).digest()).decode()
    time_s = int(now.timestamp())
    text = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
        f"\td={domain};\r\n"
        f"\ts={selector}; t={time_s}; x={time_s + LIFETIME};\r\n"
        f"\th={_folded(':'.join(name.decode() for name in names), ':')};\r\n"
        f"\tbh={body_hash};\r\n\tb="
    )
    own = relaxed_field((b"dkim-signature", text.encode() + b"\r\n")).removesuffix(b"\r\n")
    signed = b"".join(relaxed_field(one) for one in chosen(fields, names)) + own
    value = key.sign(hashlib.sha256(signed).digest(), PKCS1v15(), Prehashed(SHA256()))
    encoded = b64encode(value).decode()
    lines = [encoded[at : at + LINE] for at in range(0, len(encoded), LINE)]
    return (text + "\r\n\t".join(lines) + "\r\n").encode()


def _names(present: list[bytes]) -> list[bytes]:
    """h=: each field of the list as often as it stands there, and once more."""
    return [name for name in OVERSIGNED for _ in range(present.count(name) + 1)]


def _folded(text: str, separator: str) -> str:
    """In lines, broken behind separators, where white space counts for nothing (RFC 6376 §3.2)."""
    lines, line = [], ""
    for piece in text.split(separator):
        grown = f"{line}{separator}{piece}" if line else piece
        if len(grown) > LINE:
            lines.append(line + separator)
            grown = piece
        line = grown
    return "\r\n\t".join([*lines, line])
