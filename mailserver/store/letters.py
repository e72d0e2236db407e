"""Rights on folders as letters (RFC 4314 §2.1): what they are, how they are kept, which flags they allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailserver.store.flags import Flag

Letters = frozenset[str]

# lookup, read, keep \\Seen, write flags, insert, post, create folders, delete the folder, delete messages
# (\\Deleted), expunge, administer.
ORDER = "lrswipkxtea"
ALL: Letters = frozenset(ORDER)
NONE: Letters = frozenset()
ALL_BITS = int(Flag.SEEN | Flag.ANSWERED | Flag.FLAGGED | Flag.DELETED | Flag.DRAFT)


def spelled(letters: Iterable[str]) -> str:
    """As a column holds them: each once, in the order of ORDER."""
    known = frozenset(letters)
    return "".join(letter for letter in ORDER if letter in known)


@dataclass(frozen=True, slots=True)
class AllowedFlags:
    """bits: system flags that may be changed; keywords: whether keywords may."""

    bits: int
    keywords: bool

    @property
    def all(self) -> bool:
        return self.keywords and self.bits == ALL_BITS


EVERY_FLAG = AllowedFlags(ALL_BITS, True)


def allowed_flags(rights: Letters) -> AllowedFlags:
    """RFC 4314 §4: "s" allows \\Seen, "t" \\Deleted, "w" all others."""
    bits = 0
    if "s" in rights:
        bits |= Flag.SEEN
    if "t" in rights:
        bits |= Flag.DELETED
    if "w" in rights:
        bits |= Flag.ANSWERED | Flag.FLAGGED | Flag.DRAFT
    return AllowedFlags(int(bits), "w" in rights)
