"""System flags as bits, keywords as text (RFC 3501 §2.3.2, RFC 9051 §2.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntFlag

from mailserver.store.errors import KeywordsInvalid


class Flag(IntFlag):
    """System flags of an entry. `\\Recent` is of the session, not of the store."""

    SEEN = 1
    ANSWERED = 2
    FLAGGED = 4
    DELETED = 8
    DRAFT = 16


NAMES: dict[str, Flag] = {
    "\\Seen": Flag.SEEN,
    "\\Answered": Flag.ANSWERED,
    "\\Flagged": Flag.FLAGGED,
    "\\Deleted": Flag.DELETED,
    "\\Draft": Flag.DRAFT,
}
MAX_KEYWORDS = 64
MAX_KEYWORD_OCTETS = 100

# An atom without backslash (RFC 3501 §9, flag-keyword).
_KEYWORD = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|}~\[]+")


def split(keywords: str) -> list[str]:
    """The keywords of an entry as kept in its column."""
    return keywords.split()


def joined(keywords: Iterable[str]) -> str:
    """Keywords as an entry keeps them: sorted, one space between, each once whatever its case.

    The spelling that comes first stays. Raises KeywordsInvalid: not an atom, too long, too many.
    """
    by_name: dict[str, str] = {}
    for keyword in keywords:
        if not _KEYWORD.fullmatch(keyword) or len(keyword) > MAX_KEYWORD_OCTETS:
            raise KeywordsInvalid(keyword)
        by_name.setdefault(keyword.lower(), keyword)
    if len(by_name) > MAX_KEYWORDS:
        raise KeywordsInvalid(f"more than {MAX_KEYWORDS} keywords")
    return " ".join(sorted(by_name.values()))
