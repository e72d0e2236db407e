"""What the owner of the author's domain asks for, and whether the message fulfils it (RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailserver.dns.answers import Outcome as Dns_
from mailserver.dns.resolver import Dns
from mailserver.senderauth.dkim_signature import BadTags, tags_of
from mailserver.senderauth.domains import aligned, as_ascii, organisation
from mailserver.senderauth.results import Disposition, Dkim, Dmarc, Outcome, Spf

# Domains of the authors of one message that are looked at; real mail has one author.
MAX_AUTHORS = 5
MAX_RECORD = 4096  # octets

_PERCENT = re.compile(r"[0-9]{1,3}")
# A roll of the dice: a number from 0 to 99.
Roll = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Record:
    """A DMARC record (RFC 7489 §6.3). missing: np= of RFC 9091, for names that do not exist."""

    policy: Disposition
    subdomains: Disposition
    missing: Disposition
    percent: int
    strict_spf: bool
    strict_dkim: bool


class NoAnswer(Exception):
    """DNS could not tell."""


def select(texts: Sequence[bytes]) -> Record | None:
    """The record among TXT records; None for none, for several, and for one that says nothing (§6.6.3)."""
    found = [text for text in texts if re.match(rb"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)", text)]
    if len(found) != 1:
        return None
    try:
        tags = tags_of(found[0][:MAX_RECORD].decode("utf-8", "replace"))
    except BadTags:
        return None
    policy = _disposition(tags.get("p"))
    if policy is None:
        # Without a policy that is one the record counts for its reports alone (§6.6.3 step 6).
        if "rua" not in tags:
            return None
        policy = Disposition.NONE
    subdomains = _disposition(tags.get("sp")) or policy
    percent = tags.get("pct", "100")
    return Record(
        policy=policy,
        subdomains=subdomains,
        missing=_disposition(tags.get("np")) or subdomains,
        percent=int(percent) if _PERCENT.fullmatch(percent) and int(percent) <= 100 else 100,
        strict_spf=tags.get("aspf", "r").lower() == "s",
        strict_dkim=tags.get("adkim", "r").lower() == "s",
    )


def _disposition(text: str | None) -> Disposition | None:
    try:
        return Disposition((text or "").lower())
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Published:
    """The record for a domain; record: None where there is none. policy: what it says of this very domain."""

    domain: str
    record: Record | None
    policy: Disposition = Disposition.NONE


async def published(dns: Dns, domain: str) -> Published:
    """Look the record up at the domain, then at the organisation's (§6.6.3). Raises NoAnswer."""
    own = await _record(dns, domain)
    if own is not None:
        return Published(domain, own, own.policy)
    above = organisation(domain)
    record = await _record(dns, above) if above != domain else None
    if record is None:
        return Published(domain, None)
    policy = record.subdomains
    if record.missing is not record.subdomains and (await dns.txt(domain)).outcome is Dns_.NO_NAME:
        policy = record.missing
    return Published(domain, record, policy)


async def _record(dns: Dns, domain: str) -> Record | None:
    answer = await dns.txt(f"_dmarc.{domain}")
    if answer.failed:
        raise NoAnswer
    return select(answer.records)


def authors_of(addresses: Sequence[str]) -> list[str | None]:
    """The domains of the authors in From, each once, in order; None for one that is none."""
    parts = (address.rpartition("@") for address in addresses)
    return list(dict.fromkeys(as_ascii(domain) if at else None for _, at, domain in parts))


def judge(found: Published, spf: Spf, dkim: Sequence[Dkim], roll: Roll) -> Dmarc:
    """Whether the message is by an author of this domain, as far as its owner's record goes."""
    record = found.record
    if record is None:
        return Dmarc(Outcome.NONE, found.domain)
    strict = (record.strict_spf, record.strict_dkim)
    if proved(found.domain, spf, dkim, strict):
        return Dmarc(Outcome.PASS, found.domain, found.policy)
    if _undecided(found.domain, spf, dkim, strict):
        return Dmarc(Outcome.TEMPERROR, found.domain, found.policy)
    return Dmarc(Outcome.FAIL, found.domain, _sampled(found.policy, record.percent, roll))


def proved(domain: str, spf: Spf, dkim: Sequence[Dkim], strict: tuple[bool, bool] = (False, False)) -> bool:
    """Whether SPF or a signature passed for the domain or one of the same organisation."""
    by_spf = spf.outcome is Outcome.PASS and aligned(spf.domain, domain, strict=strict[0])
    return by_spf or any(one.outcome is Outcome.PASS and aligned(one.domain, domain, strict=strict[1]) for one in dkim)


def _undecided(domain: str, spf: Spf, dkim: Sequence[Dkim], strict: tuple[bool, bool]) -> bool:
    """Whether DNS, had it answered, might have proved it: such mail is not held against its author."""
    by_spf = spf.outcome is Outcome.TEMPERROR and aligned(spf.domain, domain, strict=strict[0])
    pending = (one for one in dkim if one.outcome is Outcome.TEMPERROR)
    return by_spf or any(aligned(one.domain, domain, strict=strict[1]) for one in pending)


def _sampled(policy: Disposition, percent: int, roll: Roll) -> Disposition:
    """What pct= leaves of a policy: who is not in the sample gets the next milder one (§6.6.4)."""
    if percent >= 100 or roll() < percent:
        return policy
    return Disposition.QUARANTINE if policy is Disposition.REJECT else Disposition.NONE


_SEVERITY = (
    Outcome.PASS,
    Outcome.NONE,
    Outcome.TEMPERROR,
    Outcome.PERMERROR,
    Outcome.FAIL,
)
_DISPOSITIONS = tuple(Disposition)


def worst(judged: Sequence[Dmarc]) -> Dmarc:
    """One result for a message of several authors: that of whom was least proved.

    Else a name that proves itself would carry others beside it. judged: at least one.
    """
    return max(judged, key=lambda one: (_SEVERITY.index(one.outcome), _DISPOSITIONS.index(one.policy)))
