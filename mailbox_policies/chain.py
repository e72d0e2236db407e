"""In which order the rules are asked, and at which stages.

The first rule that refuses (reject, redirect) is the answer. Of the others the strongest is: quarantine, hold,
junk, a note; what the rest said stands in the answer's notes, so that nothing a rule found is lost. The answer
has the marks of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from mailbox_policies.modes import Mode, weigh
from mailbox_policies.rule import Rule
from mailbox_policies.rules import (
    auto_redirect,
    bulk_mail,
    dangerous_files,
    forbidden_classes,
    forward_consent,
    message_size,
    retention,
    rspamd,
    sender_authentication,
    sending_rate,
    sent_files,
    spam,
    unusual_sending,
    virus,
)
from mailbox_policies.verdict import ACCEPT, Action, Case, Policy, Stage, Verdict

S = TypeVar("S")

# Cheap ones first; a rule that refuses before one that holds.
RULES: tuple[Rule[Any], ...] = (
    message_size.RULE,
    sender_authentication.RULE,
    spam.RULE,
    bulk_mail.RULE,
    sending_rate.RULE,
    unusual_sending.RULE,
    dangerous_files.RULE,
    virus.RULE,  # these two ask other programs
    rspamd.RULE,
    forward_consent.RULE,
    forbidden_classes.RULE,  # reads files
    retention.RULE,  # no door asks these three
    sent_files.RULE,
    auto_redirect.RULE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One rule with its settings bound, and the stages at which it is asked."""

    name: str
    stages: frozenset[Stage]
    check: Callable[[Case], Verdict]


@dataclass(frozen=True, slots=True)
class Choice:
    """How far a rule goes, and with which settings."""

    mode: Mode
    settings: Any


class Settings:
    """The choices of one agency; for a rule that is not named, what the rule starts with. Immutable."""

    def __init__(self, *settings: object, of: Mapping[str, Choice] = MappingProxyType({})) -> None:
        """settings: of rules in full force, each known by its class. of: by name of the rule."""
        by_class = {type(rule.start): rule.name for rule in RULES}
        forced = {by_class[type(one)]: Choice(Mode.ENFORCE, one) for one in settings}
        self._of = {**forced, **of}

    def choice(self, rule: Rule[Any]) -> Choice:
        return self._of.get(rule.name) or Choice(rule.mode, rule.start)

    def get(self, rule: Rule[S]) -> S:
        """The settings of a rule, whatever its mode."""
        return cast(S, self.choice(rule).settings)

    def with_(self, rule: Rule[Any], choice: Choice) -> Settings:
        return Settings(of={**self._of, rule.name: choice})


# The settings of an agency by its id; None: no agency is known yet, so the most generous of all.
SettingsOf = Callable[[int | None], Settings]


def for_all(settings: Settings) -> SettingsOf:
    """The same settings whatever the agency."""
    return lambda _agency_id: settings


def standard(settings_of: SettingsOf, rules: Sequence[Rule[Any]] = RULES) -> Policy:
    """The chain of all rules, each as the agency has chosen."""
    return chain([_link(rule, settings_of) for rule in rules])


def _link(rule: Rule[Any], settings_of: SettingsOf) -> Link:
    def check(case: Case) -> Verdict:
        choice = settings_of(case.agency_id).choice(rule)
        if choice.mode is Mode.OFF:
            return ACCEPT
        return weigh(choice.mode, rule.check(choice.settings, case))

    return Link(rule.name, rule.stages, check)


_STRENGTH = (Action.ACCEPT, Action.ANNOTATE, Action.JUNK, Action.HOLD, Action.QUARANTINE)


def chain(links: Sequence[Link]) -> Policy:
    """One policy out of many rules. Pure; raises only what a rule raises."""
    asked = {stage: tuple(link.check for link in links if stage in link.stages) for stage in Stage}

    def ask(case: Case) -> Verdict:
        said: list[Verdict] = []
        marks: list[tuple[str, str]] = []
        for check in asked[case.stage]:
            verdict = check(case)
            if verdict is ACCEPT:
                continue
            if verdict.stops and not verdict.keeps:
                return _with_notes(verdict, said)
            marks += verdict.marks
            if verdict.action is not Action.ACCEPT:
                said.append(verdict)
        if not said:
            return replace(ACCEPT, marks=tuple(marks)) if marks else ACCEPT
        strongest = max(said, key=lambda one: _STRENGTH.index(one.action))
        notes = [one for one in said if one is not strongest]
        return _with_notes(replace(strongest, marks=tuple(marks)) if notes and marks else strongest, notes)

    return ask


def _with_notes(verdict: Verdict, notes: Sequence[Verdict]) -> Verdict:
    return replace(verdict, notes=tuple(notes)) if notes else verdict
