"""How far a message looks unwanted, from how often its features stood in wanted and unwanted mail.

Each feature has odds of its own: how often it stood in unwanted mail and in wanted, each for as many messages, drawn
towards evens while it has been seen rarely. A word that nobody has written before stands in the kind of which more was
learned, so once in the smaller kind says more than once in the larger. One opinion is the mean of their
logarithms over those that say anything: a geometric mean. A product, as in naive Bayes or Fisher's test, takes features
that always come together for that many witnesses and is then sure of what it has never seen; the mean is not
(`tests/bench/README.md` has both). The other opinion hears each side of the message (its text, its author, how
it is made, …) once, however much there is of it. The two are wrong about different mail: their mean, less a caution
for how little wanted mail was learned, is the score.

Counts can be added, so a scope is trained and untrained exactly, and scopes are put together by adding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from mailbox_policies.spam.sides import Side, side_of

# The strength of the assumption that a feature says nothing, in messages.
DOUBT: Final = 0.05
# Features whose log odds are nearer to 0 than this are not counted: 70 to 30.
LEAST_ODDS: Final = 0.85
# Features that say nothing, added to every message and to each side of it: a short one must not be judged by one word.
SILENT: Final = 1
# The score from which a message is taken for unwanted; see `tests/bench/README.md` for what it costs.
THRESHOLD: Final = 0.2
# Wanted mail of a kind that was never learned looks the more unwanted the less wanted and the more unwanted mail was:
# what is taken off a score after one message of each, and how that goes with the logarithms of their numbers. Measured
# so that about one wanted message of 1,000 is taken for unwanted after 20 to 1,600 wanted and 20 to 400 unwanted.
CAUTION: Final = 2.4
CAUTION_BY_HAM: Final = -0.7
CAUTION_BY_SPAM: Final = 0.5
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
    """value: mean of log odds less `caution`, unwanted from THRESHOLD. reasons: the features that spoke most
    strongly, either way, each with its log odds, the strongest first."""

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


def score(messages: Count, counts: Mapping[str, Count], features: Iterable[str], different: int | None = None) -> Score:
    """The score by these counts. Pure and linear; needs the counts of the message's features only.

    different: how many messages were learned, if `messages` and `counts` have some of them several times over.
    """
    if not messages.ham or not messages.spam:
        return Score(0.0)
    repeated = (messages.ham + messages.spam) / different if different else 1.0
    odds: list[tuple[str, float]] = []
    for feature in features:
        count = counts.get(feature)
        if count is not None and (value := log_odds(messages, count, repeated)):
            odds.append((feature, value))
    strongest = sorted(odds, key=lambda one: abs(one[1]), reverse=True)[:MOST_REASONS]
    opinion = (_by_features(odds) + _by_sides(odds)) / 2
    return Score(opinion - caution(messages, repeated), tuple(strongest))


def caution(messages: Count, repeated: float = 1.0) -> float:
    """How much surer a score must be for how little was learned; never below 0: what says nothing is never unwanted."""
    ham, spam = log(messages.ham / repeated), log(messages.spam / repeated)
    return max(0.0, CAUTION + CAUTION_BY_HAM * ham + CAUTION_BY_SPAM * spam)


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


def log_odds(messages: Count, count: Count, repeated: float = 1.0) -> float:
    """What one feature says: above 0 for unwanted; 0 if it says too little.

    repeated: how many times each message is in the counts, on average.
    """
    both = messages.ham + messages.spam
    doubt = DOUBT * repeated
    value = log((count.spam * both / messages.spam + doubt) / (count.ham * both / messages.ham + doubt))
    return value if abs(value) >= LEAST_ODDS else 0.0
