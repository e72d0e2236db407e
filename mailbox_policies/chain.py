"""In which order the rules are asked, and at which stages.

The first verdict that stops a message (reject, hold, quarantine, redirect) is the answer; junk or an
annotation is kept while later rules are still asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mailbox_policies.rules import message_size, sender_authentication
from mailbox_policies.verdict import ACCEPT, Action, Case, Policy, Stage, Verdict


@dataclass(frozen=True, slots=True)
class Link:
    """One rule with its settings bound, and the stages at which it is asked."""

    name: str
    stages: frozenset[Stage]
    check: Callable[[Case], Verdict]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of all rules, for one agency."""

    message_size: message_size.Settings = field(default_factory=message_size.Settings)
    sender_authentication: sender_authentication.Settings = field(default_factory=sender_authentication.Settings)


# The settings of an agency by its id; None: no agency is known yet, so the most generous of all.
SettingsOf = Callable[[int | None], Settings]


def for_all(settings: Settings) -> SettingsOf:
    """The same settings whatever the agency."""
    return lambda _agency_id: settings


def standard(settings_of: SettingsOf) -> Policy:
    """The chain every agency starts with, each with its own settings."""

    def size(case: Case) -> Verdict:
        return message_size.check(settings_of(case.agency_id).message_size, case)

    def sender(case: Case) -> Verdict:
        return sender_authentication.check(settings_of(case.agency_id).sender_authentication, case)

    return chain(
        (
            Link(message_size.NAME, message_size.STAGES, size),
            Link(sender_authentication.NAME, sender_authentication.STAGES, sender),
        )
    )


def chain(links: Sequence[Link]) -> Policy:
    """One policy out of many rules. Pure; raises only what a rule raises."""

    def ask(case: Case) -> Verdict:
        answer = ACCEPT
        for link in links:
            if case.stage not in link.stages:
                continue
            verdict = link.check(case)
            if verdict.stops:
                return verdict
            if answer.action is Action.ACCEPT or verdict.action is Action.JUNK:
                answer = verdict
        return answer

    return ask
