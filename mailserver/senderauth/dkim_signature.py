"""DKIM-Signature fields: what they say (RFC 6376 §3.5), and whether that is acceptable. Pure."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailserver.senderauth.canonical import BODIES, FIELDS, Field
from mailserver.senderauth.domains import as_ascii
from mailserver.senderauth.results import Dkim, Outcome

NAME = b"dkim-signature"
# Of one message; whoever needs more wants to keep us busy.
MAX_SIGNATURES = 10
# Octets of one field; those of real mail have up to 2,000.
MAX_FIELD = 16 * 1024
# Names in h=.
MAX_NAMES = 500
# Seconds by which clocks may differ.
SKEW = 300

_BLANK = re.compile(r"[ \t\r\n]+")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]{1,12}")
_LENGTH = re.compile(r"[0-9]{1,76}")


class BadTags(ValueError):
    """The text is no list of tags."""


class Unusable(Exception):
    """A signature that is not even tried; `outcome` and `reason` are its result."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that may be tried.

    field: the field itself. names: of h=, lower case. length: l=, octets of the body that are signed.
    agent: the domain of i=.
    """

    field: Field
    algorithm: str
    domain: str
    selector: str
    names: tuple[bytes, ...]
    header_form: str
    body_form: str
    body_hash: bytes
    value: bytes
    length: int | None
    agent: str

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def tag(self) -> str:
        return _short(self.field)

    def result(self, outcome: Outcome, reason: str = "") -> Dkim:
        return Dkim(outcome, self.domain, self.selector, self.tag, reason)


def tags_of(text: str) -> dict[str, str]:
    """Tags with their values, outer blanks taken off (RFC 6376 §3.2). Raises BadTags."""
    found: dict[str, str] = {}
    pieces = text.split(";")
    if not pieces[-1].strip(" \t\r\n"):
        pieces.pop()
    for piece in pieces:
        name, equals, value = (one.strip(" \t\r\n") for one in piece.partition("="))
        if not equals or _TAG.fullmatch(name) is None or name in found:
            raise BadTags(name)
        found[name] = value
    return found


def signatures(fields: Sequence[Field], now: datetime) -> list[Signature | Dkim]:
    """The first signatures of a message, from the top: to be tried, or what is wrong with them."""
    found = [field for field in fields if field[0] == NAME][:MAX_SIGNATURES]
    return [_read(field, int(now.timestamp())) for field in found]


def _read(field: Field, now: int) -> Signature | Dkim:
    tags: Mapping[str, str] = {}
    try:
        if len(field[1]) > MAX_FIELD:
            raise Unusable(Outcome.PERMERROR, "signature field too long")
        tags = tags_of(field[1].partition(b":")[2].decode("utf-8", "replace"))
        return _signature(field, tags, now)
    except BadTags:
        return Dkim(Outcome.PERMERROR, reason="malformed signature")
    except Unusable as fault:
        domain, selector = as_ascii(tags.get("d", "")) or "", as_ascii(tags.get("s", "")) or ""
        return Dkim(fault.outcome, domain, selector, _short(field), fault.reason)


def _signature(field: Field, tags: Mapping[str, str], now: int) -> Signature:
    """Raises Unusable."""
    if missing := {"v", "a", "b", "bh", "d", "h", "s"} - tags.keys():
        raise Unusable(Outcome.PERMERROR, f"no {min(missing)}=")
    if tags["v"] != "1" or tags.get("q", "dns/txt") != "dns/txt":
        raise Unusable(Outcome.PERMERROR, "unknown version or query")
    algorithm = tags["a"].lower()
    if algorithm == "rsa-sha1":  # RFC 8301 §3.1
        raise Unusable(Outcome.POLICY, "sha1 proves nothing")
    header_form, _, body_form = tags.get("c", "simple").lower().partition("/")
    body_form = body_form or "simple"
    if algorithm not in ("rsa-sha256", "ed25519-sha256") or header_form not in FIELDS or body_form not in BODIES:
        raise Unusable(Outcome.PERMERROR, "unknown algorithm")
    domain, selector = as_ascii(tags["d"]), as_ascii(tags["s"])
    if domain is None or selector is None or "." not in domain:
        raise Unusable(Outcome.PERMERROR, "bad domain or selector")
    names = tuple(name.strip().lower().encode() for name in _BLANK.sub("", tags["h"]).split(":"))
    if b"from" not in names or len(names) > MAX_NAMES:  # §3.5: From MUST be signed
        raise Unusable(Outcome.PERMERROR, "From is not signed")
    _in_time(tags, now)
    length = tags.get("l")
    if length is not None and _LENGTH.fullmatch(length) is None:
        raise Unusable(Outcome.PERMERROR, "bad l=")
    return Signature(
        field=field,
        algorithm=algorithm,
        domain=domain,
        selector=selector,
        names=names,
        header_form=header_form,
        body_form=body_form,
        body_hash=_decoded(tags["bh"]),
        value=_decoded(tags["b"]),
        length=None if length is None else int(length),
        agent=_agent(tags, domain),
    )


def _in_time(tags: Mapping[str, str], now: int) -> None:
    signed, expires = tags.get("t"), tags.get("x")
    for figure in (signed, expires):
        if figure is not None and _NUMBER.fullmatch(figure) is None:
            raise Unusable(Outcome.PERMERROR, "bad time")
    if expires is not None and int(expires) < now - SKEW:
        raise Unusable(Outcome.PERMERROR, "expired")
    if signed is not None and int(signed) > now + SKEW:
        raise Unusable(Outcome.PERMERROR, "signed in the future")
    if signed is not None and expires is not None and int(expires) < int(signed):
        raise Unusable(Outcome.PERMERROR, "expires before it was signed")


def _agent(tags: Mapping[str, str], domain: str) -> str:
    """The domain of i=, which must be d= or below it."""
    if "i" not in tags:
        return domain
    agent = as_ascii(tags["i"].rpartition("@")[2])
    if agent is None or not (agent == domain or agent.endswith(f".{domain}")):
        raise Unusable(Outcome.PERMERROR, "i= is not below d=")
    return agent


def _decoded(text: str) -> bytes:
    try:
        return b64decode(_BLANK.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        raise Unusable(Outcome.PERMERROR, "bad base64") from None


def _short(field: Field) -> str:
    """The first characters of b=, by which a reader tells several signatures apart (RFC 6008)."""
    try:
        text = _BLANK.sub("", tags_of(field[1].partition(b":")[2][:MAX_FIELD].decode("utf-8", "replace")).get("b", ""))
    except BadTags:
        return ""
    return re.sub(r"[^A-Za-z0-9+/=]", "", text)[:8]
