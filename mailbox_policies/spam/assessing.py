"""Opinions of a message for each mailbox that gets it: its words by what was learned, with proofs and acquaintance.

What was learned for a mailbox, its unit and its agency is added up. A mailbox's own lessons are in its unit's and its
agency's counts as well, so what its reader says weighs most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Final

from sqlalchemy import Connection

from mailbox_policies.rules import spam as rule
from mailbox_policies.spam import arrivals, counts, judgements, reasons, senders
from mailbox_policies.spam.features import features
from mailbox_policies.spam.judgements import Outcome
from mailbox_policies.spam.model import LEAST_TRAINED, THRESHOLD, Count, score
from mailbox_policies.spam.scopes import Scopes, scopes_of
from mailbox_policies.spam.signals import Acquaintance, signals
from mailserver.mime.contents import Contents
from mailserver.mime.scan import Scanned
from mailserver.opinions import Opinion
from mailserver.policy import Action, Case, Verdict
from mailserver.senderauth.results import Results
from mailserver.store.tx import Tx

# Mailboxes of one message whose own counts are looked at: mail to more is judged by what units and the agency know.
MOST_OWN: Final = 20
# How fast points grow with the score; half of 100 is the classifier's own threshold.
STEEP: Final = 4.0

# The settings of an agency that wants opinions; None: it does not.
SettingsOf = Callable[[int | None], rule.Settings | None]


def points(value: float) -> int:
    """A score as 0 to 100: 50 at the classifier's threshold."""
    return round(100 / (1 + exp(-STEEP * max(-20.0, min(20.0, value - THRESHOLD)))))


class Assessing:
    """The assessor of a server's deliveries (`mailserver.opinions.Assessor`)."""

    def __init__(self, settings_of: SettingsOf) -> None:
        self._settings_of = settings_of

    def asks(self, agencies: Collection[int]) -> bool:
        return any(self._settings_of(one) is not None for one in agencies)

    def opinions(
        self, conn: Connection, contents: Contents, found: Results, mailboxes: Sequence[tuple[int, int]]
    ) -> tuple[Opinion, ...]:
        return assess(conn, contents, found, mailboxes, self._settings_of)

    def note_tx(
        self,
        tx: Tx,
        message_pk: int,
        scanned: Scanned,
        answers: Sequence[tuple[Case, Verdict]],
        held: Collection[int],
    ) -> None:
        for case, verdict in sorted(answers, key=lambda one: one[0].agency_id or 0):
            mine = [one for one in case.opinions if one.agency_id == case.agency_id and one.mailbox in held]
            said = next((one for one in (verdict, *verdict.notes) if one.rule == rule.NAME), None)
            junked = _junked(said)
            if said is not None and (said.would is None or said.warns):  # what is only tried nobody is told
                limits = int(said.facts["suspect"]), int(said.facts["junk"])
                unwanted = [one for one in mine if one.may_judge and one.points >= limits[0]]
                told = [(one, Outcome.JUNK if one.mailbox in junked else Outcome.SUSPECT) for one in unwanted]
                judgements.keep_tx(tx, message_pk, told, limits[1])
            arrivals.came_tx(tx, message_pk, {one.mailbox for one in mine} - junked)
            strange = any(reason.code == "first-contact" for one in mine for reason in one.reasons)
            if strange and case.agency_id is not None and any(one.mailbox not in junked for one in mine):
                senders.met_tx(tx, case.agency_id, author_of(scanned))


def _junked(said: Verdict | None) -> frozenset[int]:
    return (said.for_mailboxes or frozenset()) if said is not None and said.action is Action.JUNK else frozenset()


def author_of(scanned: Scanned) -> str:
    return scanned.from_[0].addr if scanned.from_ else ""


def assess(
    conn: Connection,
    contents: Contents,
    found: Results,
    mailboxes: Sequence[tuple[int, int]],
    settings_of: SettingsOf,
) -> tuple[Opinion, ...]:
    """One for each of these (principal, agency) whose agency wants one. Three queries, one more if any may judge."""
    asked = {mailbox: (agency, own) for mailbox, agency in mailboxes if (own := settings_of(agency)) is not None}
    known = senders.acquaintance(conn, {agency for agency, _own in asked.values()}, author_of(contents.scanned))
    scopes = scopes_of(conn, asked)
    use_own = len(asked) <= MOST_OWN
    used = {
        mailbox: scopes[mailbox].used(own=use_own, unit=own.unit, agency=own.agency)
        for mailbox, (_agency, own) in asked.items()
        if mailbox in scopes
    }
    totals = counts.totals(conn, {scope for some in used.values() for scope in some})
    learned = _Learned.read(conn, contents, totals)
    return tuple(
        _opinion(learned, _empty(mailbox, agency, scopes), used.get(mailbox, ()), found, known[agency])
        for mailbox, (agency, _own) in asked.items()
    )


def _empty(mailbox: int, agency: int, scopes: Mapping[int, Scopes]) -> Opinion:
    return Opinion(mailbox, agency, of_office=mailbox in scopes and scopes[mailbox].of_office)


def _opinion(
    learned: _Learned, empty: Opinion, scopes: tuple[int, ...], found: Results, known: Acquaintance
) -> Opinion:
    others = tuple(signals(found, known))
    if not learned.may_judge(scopes):
        return replace(empty, reasons=others)
    value, strongest = learned.score(scopes)
    total = value + sum(one.weight for one in others)
    return replace(empty, points=points(total), may_judge=True, reasons=reasons.grounds(strongest, others))


def trained(count: Count) -> bool:
    """Whether so many messages are enough to judge by."""
    return min(count.ham, count.spam) >= LEAST_TRAINED


Scored = tuple[float, tuple[tuple[str, float], ...]]


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the scopes that matter know of one message. scored: by the scopes that were added up, once for each."""

    totals: Mapping[int, Count]
    features: Mapping[str, int]
    held: Mapping[int, Mapping[int, Count]]
    scored: dict[tuple[int, ...], Scored]

    @classmethod
    def read(cls, conn: Connection, contents: Contents, totals: Mapping[int, Count]) -> _Learned:
        """Looks at the message only if anything could be said of it."""
        if not any(map(trained, totals.values())):
            return cls(totals, {}, {}, {})
        found = {feature: counts.key(feature) for feature in features(contents.data, contents.scanned)}
        return cls(totals, found, counts.read(conn, totals.keys(), found.values()), {})

    def may_judge(self, scopes: tuple[int, ...]) -> bool:
        return any(trained(self.totals[one]) for one in scopes if one in self.totals)

    def score(self, scopes: tuple[int, ...]) -> Scored:
        """The classifier's score, and the features that spoke most strongly."""
        if scopes not in self.scored:
            messages = [self.totals[one] for one in scopes if one in self.totals]
            total = Count(sum(one.ham for one in messages), sum(one.spam for one in messages))
            summed = counts.summed(self.held[one] for one in scopes if one in self.held)
            named = {text: summed[number] for text, number in self.features.items() if number in summed}
            found = score(total, named, self.features, max((one.ham + one.spam for one in messages), default=None))
            self.scored[scopes] = found.value, found.reasons
        return self.scored[scopes]
