"""How far a message looks unwanted, and why; who forms opinions: `mailserver.assessor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground. code: what kind; detail: of the message's own words, "" for none; weight: above 0 for unwanted."""

    code: str
    detail: str
    weight: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """How far a message looks unwanted to one mailbox.

    points: 0 to 100. may_judge: whether enough was learned to say anything. reasons: the strongest first. of_office:
    the mailbox is no person's, so that what official mail it gets is not one reader's to be rid of.
    """

    mailbox: int
    agency_id: int
    points: int = 0
    may_judge: bool = False
    reasons: tuple[Reason, ...] = ()
    of_office: bool = False
