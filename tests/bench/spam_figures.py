"""How well scores tell unwanted mail from wanted: area under the ROC curve, recall at a rate of false alarms."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# One judged message: its score (larger: rather unwanted), and whether it is unwanted.
Judged = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Split:
    """Which samples (by index) are learned, and which are judged then."""

    train: Sequence[int]
    test: Sequence[int]


def area_lost(judged: Sequence[Judged]) -> float:
    """1 − the area under the ROC curve: the part of pairs (unwanted, wanted) in the wrong order, ties half."""
    ordered = sorted(judged)
    wanted = unwanted = 0
    right = 0.0
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        hits = sum(spam for _, spam in ordered[at:end])
        misses = end - at - hits
        right += hits * (wanted + misses / 2)
        unwanted += hits
        wanted += misses
        at = end
    return 1 - right / (wanted * unwanted)


def recall(judged: Sequence[Judged], false_alarms: float) -> float:
    """The part of unwanted mail found by the lowest threshold at which at most this part of wanted mail is."""
    wanted = sorted((score for score, spam in judged if not spam), reverse=True)
    threshold = wanted[int(false_alarms * len(wanted))]
    unwanted = [score for score, spam in judged if spam]
    return sum(score > threshold for score in unwanted) / len(unwanted)


def in_time(kinds: Sequence[bool], part: float) -> Split:
    """Learn the first part of each kind, judge what came later."""
    train: list[int] = []
    test: list[int] = []
    for wanted in (False, True):
        own = [index for index, spam in enumerate(kinds) if spam is wanted]
        cut = int(len(own) * part)
        train += own[:cut]
        test += own[cut:]
    return Split(train, test)


def folds(kinds: Sequence[bool], count: int, seed: int = 1) -> Iterator[Split]:
    """Each sample is judged once, by what the other folds have taught."""
    chance = random.Random(seed)
    parts: list[list[int]] = [[] for _ in range(count)]
    for wanted in (False, True):
        own = [index for index, spam in enumerate(kinds) if spam is wanted]
        chance.shuffle(own)
        for number in range(count):
            parts[number] += own[number::count]
    for number in range(count):
        yield Split([index for other in range(count) if other != number for index in parts[other]], parts[number])


def drawn(kinds: Sequence[bool], wanted: int, unwanted: int, seed: int) -> Split:
    """Learn so many of each kind, drawn from all, judge all others. Raises ValueError if there are not so many."""
    chance = random.Random(seed)
    train: list[int] = []
    for kind, count in ((False, wanted), (True, unwanted)):
        train += sorted(chance.sample([index for index, spam in enumerate(kinds) if spam is kind], count))
    return Split(train, sorted(set(range(len(kinds))) - set(train)))
