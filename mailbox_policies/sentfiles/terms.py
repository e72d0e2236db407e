"""The sums of files that are handed over. Pure."""

from __future__ import annotations

from mailbox_policies.rules.sent_files import Settings

# Octets of a piece: what one request carries, and what is in memory of a file at a time.
PIECE = 4 * 1024 * 1024


def fits(terms: Settings, used: int, size: int) -> bool:
    """Whether a person whose files have `used` octets may hand over `size` more."""
    return not terms.person or used + size <= terms.person


def outside_days(terms: Settings) -> int:
    """For how many days people outside may fetch a file."""
    return days_of(terms, terms.outside_days)


def days_of(terms: Settings, wanted: int) -> int:
    """For how many days a file is kept, of those that are wanted."""
    return max(1, min(wanted, terms.days))
