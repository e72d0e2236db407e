"""A feature of the classifier as a ground that can be told to people: what kind it is, and the words it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from mailserver.opinions import Reason

# By the beginning of a feature, the longer before the shorter; see `features`. What is not here stands for itself.
_KINDS: Final = (
    ("s:", "subject"),
    ("f@", "author"),
    ("f=", "author"),
    ("f:", "author"),
    ("r@", "reply-to"),
    ("u:", "link"),
    ("u/", "link"),
    ("v@", "way"),
    ("v=", "way"),
    ("v:", "way"),
)
# Features of how a message is made: no words that would say anything to its reader.
_FORM: Final = ("s#", "f#", "r#", "t#", "h+", "h-", "h:", "x:", "i#", "v#", "m:", "m#", "c:", "e:", "n:", "<")
# Grounds that are told, and of one kind.
MOST: Final = 16
MOST_OF_A_KIND: Final = 4
MOST_DETAIL: Final = 60  # characters


def told(feature: str, weight: float) -> Reason:
    """Pure. "form" for what only a program sees."""
    for beginning, code in _KINDS:
        if feature.startswith(beginning):
            return Reason(code, _plain(feature[len(beginning) :]), weight)
    if feature.startswith(_FORM):
        return Reason("form", "", weight)
    return Reason("words", _plain(feature), weight)


def grounds(features: Iterable[tuple[str, float]], others: Iterable[Reason]) -> tuple[Reason, ...]:
    """The strongest of each kind, for and against, what says the same once; `others` always."""
    found: dict[tuple[str, str], Reason] = {}
    for reason in others:
        found.setdefault((reason.code, reason.detail), reason)
    kinds: dict[tuple[str, bool], int] = {}
    for feature, weight in features:
        reason = told(feature, weight)
        kind = reason.code, weight > 0
        if (reason.code, reason.detail) in found or kinds.get(kind, 0) >= MOST_OF_A_KIND or len(found) >= MOST:
            continue
        found[reason.code, reason.detail] = reason
        kinds[kind] = kinds.get(kind, 0) + 1
    return tuple(sorted(found.values(), key=lambda one: -abs(one.weight)))


def codes(reasons: Sequence[Reason]) -> str:
    """The kinds of what speaks against a message, for a header field: no word of anybody."""
    said = dict.fromkeys(one.code for one in reasons if one.weight > 0 or one.code == "first-contact")
    return ",".join(said) or "none"


def _plain(words: str) -> str:
    return " ".join(word for word in words.removeprefix("~").split() if word != "_")[:MOST_DETAIL]
