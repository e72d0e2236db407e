"""Folder names: what is allowed, and one spelling for each."""

from __future__ import annotations

import re

from mailserver.store.errors import FolderNameInvalid
from mailserver.text import nfc

SEPARATOR = "/"
INBOX = "INBOX"
OTHER_USERS = "Other Users"
SHARED = "Shared"
# Special uses (RFC 6154 §2).
JUNK, TRASH = "\\Junk", "\\Trash"
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


def seen(name: str) -> str:
    """`spelled`, for a name as somebody sees it: a colleague's folder has two levels in front.

    Raises FolderNameInvalid: empty levels, control characters, too many levels or octets.
    """
    return _formed(name, MAX_LEVELS + 2, 2 * MAX_OCTETS)


def checked(name: str) -> str:
    """`spelled`, for a name about to be made.

    Raises FolderNameInvalid: empty levels, control characters, more than MAX_OCTETS of UTF-8 or
    MAX_LEVELS levels, or a name that a namespace of other people's mailboxes has taken.
    """
    name = _formed(name, MAX_LEVELS, MAX_OCTETS)
    if name.split(SEPARATOR)[0] in (OTHER_USERS, SHARED):
        raise FolderNameInvalid(name)
    return name


def _formed(name: str, most_levels: int, most_octets: int) -> str:
    name = spelled(name)
    levels = name.split(SEPARATOR)
    if not all(level.strip() for level in levels) or len(levels) > most_levels:
        raise FolderNameInvalid(name)
    if _CONTROL.search(name) or len(name.encode()) > most_octets:
        raise FolderNameInvalid(name)
    return name


def parents(name: str) -> list[str]:
    """The names above, outermost first: "a/b/c" gives "a", "a/b"."""
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels))]
