"""What was found out about the sender of a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Outcome(Enum):
    """The results of RFC 8601 §2.7, under one set of words."""

    NONE = "none"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@unique
class Disposition(Enum):
    """What the owner of a domain asks for mail that is not authentic (RFC 7489 §6.3)."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Spf:
    """domain: of MAIL FROM, or of the hello for the null path (from_helo); as it was checked."""

    outcome: Outcome
    domain: str = ""
    from_helo: bool = False


@dataclass(frozen=True, slots=True)
class Dkim:
    """One signature. domain, selector: d= and s=, "" if unreadable; tag: the first eight characters of b=.

    reason: why it is no pass, in words of ours.
    """

    outcome: Outcome
    domain: str = ""
    selector: str = ""
    tag: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dmarc:
    """domain: of the author in From. policy: what its owner asks for now, pct= and sp= applied."""

    outcome: Outcome
    domain: str = ""
    policy: Disposition = Disposition.NONE


@dataclass(frozen=True, slots=True)
class Results:
    """All of it for one message.

    aligned: SPF or DKIM passed for the domain of every author, whether or not it publishes DMARC.
    """

    spf: Spf
    dkim: tuple[Dkim, ...]
    dmarc: Dmarc
    aligned: bool = False


# Of mail whose way here nobody watched: nothing speaks for its sender, and nothing against.
NOTHING_KNOWN = Results(Spf(Outcome.NONE), (), Dmarc(Outcome.NONE))
