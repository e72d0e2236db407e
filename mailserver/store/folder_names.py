"""Folder names: what is allowed, and one spelling for each."""

from __future__ import annotations

import re

from mailserver.store.errors import FolderNameInvalid
from mailserver.text import nfc

SEPARATOR = "/"
INBOX = "INBOX"
OTHER_USERS = "Other Users"
SHARED = "Shared"
MAX_OCTETS = 1000
MAX_LEVELS = 20

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def spelled(name: str) -> str:
    """The spelling under which a folder is found: NFC, "INBOX" in capitals, no "/" at the end.

    RFC 3501 §5.1: INBOX in any case is the same; §6.3.3: a trailing separator only announces children.
    """
    name = nfc(name).removesuffix(SEPARATOR)
    first, separator, rest = name.partition(SEPARATOR)
    return INBOX + separator + rest if first.upper() == INBOX else name


def checked(name: str) -> str:
    """`spelled`, for a name about to be made.

    Raises FolderNameInvalid: empty levels, control characters, more than MAX_OCTETS of UTF-8 or
    MAX_LEVELS levels, or a name that a namespace of other people's mailboxes has taken.
    """
    name = spelled(name)
    levels = name.split(SEPARATOR)
    if not all(level.strip() for level in levels) or len(levels) > MAX_LEVELS:
        raise FolderNameInvalid(name)
    if _CONTROL.search(name) or len(name.encode()) > MAX_OCTETS or levels[0] in (OTHER_USERS, SHARED):
        raise FolderNameInvalid(name)
    return name


def parents(name: str) -> list[str]:
    """The names above, outermost first: "a/b/c" gives "a", "a/b"."""
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels))]
