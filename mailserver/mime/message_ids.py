"""Message identifiers in Message-ID, In-Reply-To and References (RFC 5322 §3.6.4)."""

from __future__ import annotations

import re
from typing import Final

from mailserver.mime.limits import MAX_MESSAGE_IDS

_IN_ANGLES: Final = re.compile(rb"<([^<>]++)>")
# Longer ones are no identifiers; the limit keeps one field from filling an index.
_LONGEST: Final = 998


def message_ids(value: bytes) -> tuple[str, ...]:
    """The identifiers in a field's value, without angle brackets and white space, in order.

    At most MAX_MESSAGE_IDS: of a longer list the first and the last ones, as they matter most for
    threads (the root and the parents).
    """
    found = [_plain(match) for match in _IN_ANGLES.findall(value)]
    if len(found) > MAX_MESSAGE_IDS:
        found = [found[0], *found[1 - MAX_MESSAGE_IDS :]]
    return tuple([identifier for identifier in found if identifier])


def message_id(value: bytes) -> str | None:
    """The identifier of a Message-ID field, tolerating missing angle brackets; None without one."""
    match = _IN_ANGLES.search(value)
    return _plain(match[1] if match else value.strip(b"<> \t\r\n")) or None


def _plain(raw: bytes) -> str:
    if len(raw) > _LONGEST:
        return ""
    if not raw.isalnum():
        raw = b"".join(raw.replace(b"\0", b"").split())
    return raw.decode("utf-8", "replace")
