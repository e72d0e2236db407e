"""Names of domains as they are compared: A-labels in lower case; and whose domain a name is part of."""

from __future__ import annotations

import re
from functools import lru_cache

import idna
from publicsuffixlist import PublicSuffixList

MAX_NAME = 253

# Underscores are met in selectors and in host names.
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")


def as_ascii(name: str) -> str | None:
    """The name in A-labels (RFC 5890), lower case, without the last dot; None for what can be no name."""
    name = name.removesuffix(".")
    if not name or len(name) > MAX_NAME:  # the codec takes quadratic time
        return None
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    name = name.lower()
    sound = len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None
    return name if sound and all(len(label) <= 63 for label in name.split(".")) else None


def organisation(name: str) -> str:
    """The domain that somebody registered: `so.example.gov.vn` is part of `example.gov.vn` (RFC 7489 §3.2).

    name: as of `as_ascii`. A public suffix stands for itself.
    """
    return _suffixes().privatesuffix(name) or name


def aligned(name: str, author: str, *, strict: bool = False) -> bool:
    """Whether what was proved for `name` holds for an author of the domain `author` (RFC 7489 §3.1)."""
    if name == author or not name:
        return bool(name)
    return not strict and organisation(name) == organisation(author)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The list that comes with the library, read at first use."""
    return PublicSuffixList()
