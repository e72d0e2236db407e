"""SPF records: which TXT record is one, and what its terms are (RFC 7208 §4.5-4.6, §5, §12). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from ipaddress import IPv4Network, IPv6Network, ip_network

from mailserver.senderauth.results import Outcome
from mailserver.senderauth.spf_macros import BadMacro, Macro, Template, parse

# Octets of a record; RFC 7208 §3.4 asks for 450 at most.
MAX_RECORD = 8192

_QUALIFIERS = {"+": Outcome.PASS, "-": Outcome.FAIL, "~": Outcome.SOFTFAIL, "?": Outcome.NEUTRAL}
_TERM = re.compile(r"(?P<qualifier>[+?~-]?)(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?P<rest>(?:[:/=].*)?)", re.DOTALL)
_CIDR = re.compile(r"(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?\Z")
# The last label of a name: letters, digits and hyphens, not digits alone (RFC 7208 §7.1).
_TOP_LABEL = re.compile(r"\.(?=[A-Za-z0-9-]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?\Z")


class BadRecord(ValueError):
    """The record breaks the grammar, or there are several."""


@unique
class Kind(Enum):
    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Mechanism:
    """target: the domain-spec, empty for the current domain. four, six: prefix lengths for addresses."""

    kind: Kind
    outcome: Outcome
    target: Template = ()
    network: IPv4Network | IPv6Network | None = None
    four: int = 32
    six: int = 128


@dataclass(slots=True)
class Record:
    """mechanisms: in order. redirect: another domain whose record decides if nothing here matches."""

    mechanisms: list[Mechanism] = field(default_factory=list)
    redirect: Template | None = None


def select(texts: Sequence[bytes]) -> str | None:
    """The SPF record among TXT records, None if there is none. Raises BadRecord for several, or a wrong one."""
    found = [text for text in texts if text[:7].lower() in (b"v=spf1", b"v=spf1 ")]
    if not found:
        return None
    if len(found) > 1 or len(found[0]) > MAX_RECORD or not found[0].isascii():
        raise BadRecord
    return found[0].decode("ascii")


def read(text: str) -> Record:
    """The terms of a record. Every term is checked, also behind one that always matches. Raises BadRecord."""
    record = Record()
    once: set[str] = set()
    for word in text[6:].split(" "):
        if not word:
            continue
        match = _TERM.fullmatch(word)
        if match is None:
            raise BadRecord(word)
        try:
            if match["rest"].startswith("="):
                _modifier(record, match, once)
            else:
                record.mechanisms.append(_mechanism(match))
        except (BadMacro, ValueError) as fault:
            raise BadRecord(word) from fault
    return record


def _modifier(record: Record, match: re.Match[str], once: set[str]) -> None:
    name, value = match["name"].lower(), match["rest"][1:]
    if match["qualifier"]:
        raise BadRecord(match[0])
    if name not in ("redirect", "exp"):
        parse(value, explanation=True)  # unknown ones are passed over, if they are well formed (§6)
        return
    if name in once:
        raise BadRecord(match[0])
    once.add(name)
    target = _domain_spec(value)
    if name == "redirect":
        record.redirect = target


def _mechanism(match: re.Match[str]) -> Mechanism:
    try:
        kind = Kind(match["name"].lower())
    except ValueError as fault:
        raise BadRecord(match[0]) from fault
    outcome = _QUALIFIERS[match["qualifier"] or "+"]
    rest = match["rest"]
    if kind is Kind.ALL:
        if rest:
            raise BadRecord(match[0])
        return Mechanism(kind, outcome)
    if kind in (Kind.IP4, Kind.IP6):
        return Mechanism(kind, outcome, network=_network(kind, rest))
    if kind in (Kind.INCLUDE, Kind.EXISTS):
        return Mechanism(kind, outcome, _domain_spec(rest.removeprefix(":") if rest.startswith(":") else ""))
    return _addresses(kind, outcome, rest)


def _network(kind: Kind, rest: str) -> IPv4Network | IPv6Network:
    address = rest.removeprefix(":")
    host, slash, length = address.partition("/")
    if not rest.startswith(":") or (slash and not _is_length(length, 32 if kind is Kind.IP4 else 128)):
        raise BadRecord(rest)
    if (":" in host) is not (kind is Kind.IP6) or "%" in host:
        raise BadRecord(rest)
    return ip_network(address, strict=False)


def _is_length(text: str, most: int) -> bool:
    """Digits, without a leading zero (RFC 7208 §12)."""
    return text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0")) and int(text) <= most


def _addresses(kind: Kind, outcome: Outcome, rest: str) -> Mechanism:
    cidr = _CIDR.search(rest) if kind is not Kind.PTR else None
    four, six = (cidr["four"], cidr["six"]) if cidr else (None, None)
    if (four and not _is_length(four, 32)) or (six and not _is_length(six, 128)):
        raise BadRecord(rest)
    spec = rest[: cidr.start()] if cidr else rest
    if spec and not spec.startswith(":"):
        raise BadRecord(rest)
    target = _domain_spec(spec[1:]) if spec else ()
    return Mechanism(kind, outcome, target, None, int(four or 32), int(six or 128))


def _domain_spec(text: str) -> Template:
    """A macro-string that ends like a domain, or in a macro (RFC 7208 §7.1). Raises BadMacro, BadRecord."""
    template = parse(text)
    if not template:
        raise BadRecord(text)
    last = template[-1]
    if not isinstance(last, Macro) and _TOP_LABEL.search(text) is None:
        raise BadRecord(text)
    return template
