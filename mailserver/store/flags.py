"""System flags as bits, keywords as text (RFC 3501 §2.3.2, RFC 9051 §2.3.2)."""

from __future__ import annotations

from enum import IntFlag


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
