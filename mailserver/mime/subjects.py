"""The base subject (RFC 5256 §2.1): the subject without "Re:", "Fwd:", "[list]" and "(fwd)"."""

from __future__ import annotations

import re
from typing import Final

from mailserver.text import fold

_BLOB: Final = re.compile(r"\[[^\[\]]*+\]\s*+")
_REFWD: Final = re.compile(r"(?:re|fwd?)\s*+(?:\[[^\[\]]*+\]\s*+)?:", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s*+")
_FORWARDED_START: Final = re.compile(r"\[fwd:", re.IGNORECASE)
_TRAILER: Final = "(fwd)"


def base_subject(subject: str) -> str:
    """What subjects of one conversation have in common, folded for comparison.

    subject: decoded, on one line.
    """
    start, end = 0, len(subject)
    while True:
        end = _without_trailers(subject, start, end)
        start = _without_leaders(subject, start, end)
        forwarded = _FORWARDED_START.match(subject, start, end)
        if forwarded is None or subject[end - 1] != "]":
            break
        start, end = forwarded.end(), end - 1
    return fold(subject[start:end])


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


def _without_leaders(subject: str, start: int, end: int) -> int:
    """Steps 3 to 5: drop "Re:" and the like, and "[…]" where something is left behind it."""
    while True:
        at = _skip(_SPACE, subject, start, end)
        behind = last_blob = at
        while (blob := _BLOB.match(subject, behind, end)) is not None:
            last_blob, behind = behind, blob.end()
        refwd = _REFWD.match(subject, behind, end)
        if refwd is not None:
            start = refwd.end()
        elif behind == end:
            return last_blob
        else:
            return behind


def _skip(pattern: re.Pattern[str], subject: str, start: int, end: int) -> int:
    match = pattern.match(subject, start, end)
    return match.end() if match else start
