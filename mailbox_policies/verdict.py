"""The outcomes a setting can choose for a rule that hit.

A rule says what it found; the agency's settings say what follows from it. An outcome is a function
that makes the verdict, so that a rule ends in `settings.on_hit(NAME, ARTICLE, cause, **facts)`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Protocol

from mailserver.policy import ACCEPT, Action, Article, Case, Cause, Policy, Stage, Verdict

__all__ = [
    "ACCEPT",
    "Action",
    "Article",
    "Case",
    "Cause",
    "OnHit",
    "Policy",
    "Stage",
    "Verdict",
    "annotate",
    "defer",
    "hold",
    "junk",
    "quarantine",
    "reject",
]


class OnHit(Protocol):
    """Makes the verdict of a rule that hit."""

    def __call__(self, rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict: ...


def reject(rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict:
    """Refuse, for good and with the reason."""
    return Verdict(Action.REJECT, rule, article, cause, MappingProxyType(facts))


def annotate(rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict:
    """Let it pass, but note the hit: the outcome for a rule that is being tried out."""
    return Verdict(Action.ANNOTATE, rule, article, cause, MappingProxyType(facts))


def defer(rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict:
    """Do not take it now; whoever sends it tries again later."""
    return Verdict(Action.DEFER, rule, article, cause, MappingProxyType(facts))


def junk(rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict:
    """Deliver, into the folder for unwanted mail."""
    return Verdict(Action.JUNK, rule, article, cause, MappingProxyType(facts))


def hold(rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict:
    """Take it, and keep it back until who has to agree does. For whom, and how long: `replace` the verdict's fields."""
    return Verdict(Action.HOLD, rule, article, cause, MappingProxyType(facts))


def quarantine(rule: str, article: Article, cause: Cause, **facts: int | str) -> Verdict:
    """Take it, and keep it where nobody opens it until somebody responsible decides."""
    return Verdict(Action.QUARANTINE, rule, article, cause, MappingProxyType(facts))
