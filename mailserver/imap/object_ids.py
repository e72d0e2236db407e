"""Object identifiers (RFC 8474): the store's own numbers, which never change and never come again.

A folder keeps its number when it is renamed; a message has one wherever it is copied or moved.
"""

from __future__ import annotations

import re

_FORM = {thread: re.compile(rb"%b([0-9]{1,19})" % letter) for thread, letter in ((False, b"M"), (True, b"T"))}


def mailbox_id(folder_id: int) -> bytes:
    """As in `(F12)`, with its parentheses."""
    return b"(F%d)" % folder_id


def number_in(identifier: bytes, thread: bool) -> int | None:
    """The number in a THREADID, else in an EMAILID; None for what is none of ours."""
    match = _FORM[thread].fullmatch(identifier)
    return int(match[1]) if match else None
