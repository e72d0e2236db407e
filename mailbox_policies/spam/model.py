"""How far a message looks unwanted, from how often its features stood in wanted and unwanted mail.

Each feature has a probability of its own, drawn towards one half while it has been seen rarely (Robinson,
"A statistical approach to the spam problem", 2003). One opinion is the mean of their log odds over those that
say anything: a geometric mean. A product, as in naive Bayes or Fisher's test, takes features that always come together
for that many witnesses and is then sure of what it has never seen; the mean is not
(`tests/bench/README.md` has both). The other opinion hears each side of the message (its text, its author, how
it is made, …) once, however much there is of it. The two are wrong about different mail: their mean is the score.

Counts can be added, so a scope is trained and untrained exactly, and scopes are put together by adding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from mailbox_policies.spam.sides import Side, side_of

# The strength of the assumption that a feature says nothing, in messages.
DOUBT: Final = 0.3
# Features whose probability is nearer to one half than this are not counted.
LEAST_DEVIATION: Final = 0.1
# Features that say nothing, added to every message and to each side of it: a short one must not be judged by one word.
SILENT: Final = 2
# The score from which a message is taken for unwanted; see `tests/bench/README.md` for what it costs.
THRESHOLD: Final = 0.2
# Messages of each kind a model must have seen before it may judge.
LEAST_TRAINED: Final = 20
MOST_REASONS: Final = 60


@dataclass(frozen=True, slots=True)
class Count:
    """In how many wanted (ham) and unwanted (spam) messages something stood."""

    ham: int = 0
    spam: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """value: mean of log odds, above 0 rather unwanted. reasons: the features that spoke most strongly, either
    way, each with its log odds, the strongest first."""

    value: float
    reasons: tuple[tuple[str, float], ...] = ()

    @property
    def is_spam(self) -> bool:
        return self.value >= THRESHOLD


@dataclass(slots=True)
class Model:
    """messages: how many were learned; features: how many of them had each."""

    messages: Count = field(default_factory=Count)
    features: dict[str, Count] = field(default_factory=dict)

    @property
    def may_judge(self) -> bool:
        """Whether enough of both kinds was learned."""
        return min(self.messages.ham, self.messages.spam) >= LEAST_TRAINED

    def learn(self, features: Iterable[str], *, spam: bool) -> None:
        """Count a message. features: each once."""
        self._add(features, spam, 1)

    def unlearn(self, features: Iterable[str], *, spam: bool) -> None:
        """Take a message back that was learned with the same features; the model is then as if it had not been."""
        self._add(features, spam, -1)

    def _add(self, features: Iterable[str], spam: bool, by: int) -> None:
        self.messages = _added(self.messages, spam, by)
        for feature in features:
            count = _added(self.features.get(feature, _NEVER), spam, by)
            if count == _NEVER:
                self.features.pop(feature, None)
            else:
                self.features[feature] = count

    def score(self, features: Iterable[str]) -> Score:
        """Judge a message by its features, each once. 0 while nothing of either kind was learned."""
        return score(self.messages, self.features, features)


_NEVER: Final = Count()


def _added(count: Count, spam: bool, by: int) -> Count:
    if spam:
        return Count(count.ham, max(0, count.spam + by))
    return Count(max(0, count.ham + by), count.spam)


def score(messages: Count, counts: Mapping[str, Count], features: Iterable[str]) -> Score:
    """The score by these counts. Pure and linear; needs the counts of the message's features only."""
    if not messages.ham or not messages.spam:
        return Score(0.0)
    odds: list[tuple[str, float]] = []
    for feature in features:
        count = counts.get(feature)
        if count is not None and (value := log_odds(messages, count)):
            odds.append((feature, value))
    strongest = sorted(odds, key=lambda one: abs(one[1]), reverse=True)[:MOST_REASONS]
    return Score((_by_features(odds) + _by_sides(odds)) / 2, tuple(strongest))


def _by_features(odds: Sequence[tuple[str, float]]) -> float:
    """Each feature has one voice."""
    return sum(value for _, value in odds) / (len(odds) + SILENT)


def _by_sides(odds: Sequence[tuple[str, float]]) -> float:
    """Each side has one voice; one of which nothing is known says nothing."""
    sums, counts = [0.0] * len(Side), [SILENT] * len(Side)
    for feature, value in odds:
        side = side_of(feature)
        sums[side] += value
        counts[side] += 1
    return sum(total / count for total, count in zip(sums, counts, strict=True)) / len(Side)


def log_odds(messages: Count, count: Count) -> float:
    """What one feature says: above 0 for unwanted; 0 if it says too little."""
    ham, spam = count.ham / messages.ham, count.spam / messages.spam
    seen = count.ham + count.spam
    probability = (DOUBT / 2 + seen * spam / (ham + spam)) / (DOUBT + seen)
    if abs(probability - 0.5) < LEAST_DEVIATION:
        return 0.0
    return log(probability / (1 - probability))
