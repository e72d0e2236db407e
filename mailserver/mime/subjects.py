"""The base subject (RFC 5256 §2.1): the subject without "Re:", "Fwd:", "[list]" and "(fwd)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from mailserver.text import fold, nfc

_BLOB: Final = re.compile(r"\[[^\[\]]*+\]\s*+")
_REFWD: Final = re.compile(r"(?:re|fwd?)\s*+(?:\[[^\[\]]*+\]\s*+)?:", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s*+")
_FORWARDED_START: Final = re.compile(r"\[fwd:", re.IGNORECASE)
_TRAILER: Final = "(fwd)"


@dataclass(frozen=True, slots=True)
class Base:
    """Where the base subject stands in a subject; answering: "Re:", "Fwd:" or "(fwd)" was taken off."""

    start: int
    end: int
    answering: bool


def base_subject(subject: str) -> str:
    """What subjects of one conversation have in common, folded for comparison.

    subject: decoded, on one line.
    """
    base = find_base(subject)
    return fold(subject[base.start : base.end])


def exact_base_subject(subject: str) -> str:
    """As `base_subject` with its diacritics: NFC, without regard to case."""
    base = find_base(subject)
    return nfc(subject[base.start : base.end].casefold())


def find_base(subject: str) -> Base:
    start, end, answering = 0, len(subject), False
    while True:
        without = _without_trailers(subject, start, end)
        answering = answering or bool(subject[without:end].strip())
        end = without
        start, answered = _without_leaders(subject, start, end)
        answering = answering or answered
        forwarded = _FORWARDED_START.match(subject, start, end)
        if forwarded is None or subject[end - 1] != "]":
            return Base(start, end, answering)
        start, end, answering = forwarded.end(), end - 1, True


def _without_trailers(subject: str, start: int, end: int) -> int:
    """Step 2: drop "(fwd)" and white space at the end."""
    while end > start:
        if subject[end - 1].isspace():
            end -= 1
        elif subject[max(start, end - len(_TRAILER)) : end].lower() == _TRAILER:
            end -= len(_TRAILER)
        else:
            break
    return end


def _without_leaders(subject: str, start: int, end: int) -> tuple[int, bool]:
    """Steps 3 to 5: drop "Re:" and the like, and "[…]" where something is left behind it.

    Where the rest begins, and whether there was a "Re:" or the like.
    """
    answered = False
    while True:
        at = _skip(_SPACE, subject, start, end)
        behind = last_blob = at
        while (blob := _BLOB.match(subject, behind, end)) is not None:
            last_blob, behind = behind, blob.end()
        refwd = _REFWD.match(subject, behind, end)
        if refwd is not None:
            start, answered = refwd.end(), True
        elif behind == end:
            return last_blob, answered
        else:
            return behind, answered


def _skip(pattern: re.Pattern[str], subject: str, start: int, end: int) -> int:
    match = pattern.match(subject, start, end)
    return match.end() if match else start
