"""DKIM signatures on mail that leaves (RFC 6376 §5): `Signer.field` gives the field to put in front."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dkim
import structlog

from mailserver.mime.header import header_end
from mailserver.mime.limits import MAX_HEADER_OCTETS
from mailserver.mime.scan import scan
from mailserver.senderauth.domains import as_ascii
from mailserver.senderauth.keys import Key, NotOurs, keys_of, signing
from mailserver.store.database import Database

log = structlog.get_logger("vanthu.dkim")

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


@dataclass(frozen=True, slots=True)
class _Held:
    until: float
    key: Key
    private: bytes


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
        Raises NotOurs for a domain without key here: nobody else's mail is vouched for; dkim.DKIMException
        for a header that is none; StoreUnavailable.
        """
        held = self._key(domain)
        return sign(data, domain, held.key.selector, held.private, self._clock())

    def signed(self, data: bytes) -> bytes:
        """The message with a signature in front, as it is if its author is of no domain of ours.

        As it is, too, if its header is such that the library cannot sign it. Blocks. Raises StoreUnavailable:
        the mail is better sent later than without.
        """
        domain = author_domain(data)
        try:
            return self.field(data, domain) + data if domain else data
        except NotOurs:
            return data
        except dkim.DKIMException as error:
            log.warning("not signed", domain=domain, reason=str(error))
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
        fresh = _Held(now + KEPT, key, key.pkcs1())
        with self._lock:
            self._held[domain] = fresh
        return fresh


def author_domain(data: bytes) -> str:
    """The domain of the (first) author in From, as A-labels; "" if there is none."""
    authors = scan(data[: min(header_end(data, 0, len(data)), MAX_HEADER_OCTETS)]).from_
    return (as_ascii(authors[0].domain) or "") if authors else ""


def sign(data: bytes, domain: str, selector: str, key: bytes, now: datetime) -> bytes:
    """A signature by RSA with SHA-256 over relaxed fields and the body as it is. Pure.

    key: private, PEM of PKCS#1. The relaxed form of bodies is left out: the library needs quadratic time
    for a long line of blanks, which one of our own people could send. So does it for a field of many
    folds, hence the limit of a header. Raises dkim.DKIMException.
    """
    if header_end(data, 0, len(data)) > MAX_HEADER_OCTETS:
        raise dkim.MessageFormatError("header too long")
    signature = _Signature(data, now)
    names = _names([name.lower() for name, _ in signature.headers])
    field: bytes = signature.sign(
        selector.encode(), domain.encode(), key, canonicalize=(b"relaxed", b"simple"), include_headers=names
    )
    return field


class _Signature(dkim.DKIM):  # type: ignore[misc]  # the library has no types
    """The library's signature with what it has no parameter for: a time of its own, and an end (x=)."""

    def __init__(self, data: bytes, now: datetime) -> None:
        super().__init__(data)
        self._time_s = int(now.timestamp())

    def gen_header(self, fields: list[tuple[bytes, bytes]], *rest: Any, **options: Any) -> bytes:
        at = [name for name, _ in fields].index(b"t")
        times = [(b"t", b"%d" % self._time_s), (b"x", b"%d" % (self._time_s + LIFETIME))]
        header: bytes = super().gen_header([*fields[:at], *times, *fields[at + 1 :]], *rest, **options)
        return header


def _names(present: list[bytes]) -> list[bytes]:
    """h=: each field of the list as often as it stands there, and once more."""
    return [name for name in OVERSIGNED for _ in range(present.count(name) + 1)]
