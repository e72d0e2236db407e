"""What the rights of RFC 4314 allow, letter by letter (RFC 4314 §4)."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver.store.flags import Flag

ALL_BITS = int(Flag.SEEN | Flag.ANSWERED | Flag.FLAGGED | Flag.DELETED | Flag.DRAFT)


@dataclass(frozen=True, slots=True)
class AllowedFlags:
    """bits: system flags that may be changed; keywords: whether keywords may."""

    bits: int
    keywords: bool

    @property
    def all(self) -> bool:
        return self.keywords and self.bits == ALL_BITS


def allowed_flags(rights: frozenset[str]) -> AllowedFlags:
    """ "s" allows \\Seen, "t" \\Deleted, "w" all others."""
    bits = 0
    if "s" in rights:
        bits |= Flag.SEEN
    if "t" in rights:
        bits |= Flag.DELETED
    if "w" in rights:
        bits |= Flag.ANSWERED | Flag.FLAGGED | Flag.DRAFT
    return AllowedFlags(int(bits), "w" in rights)
