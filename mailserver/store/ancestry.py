"""Whom a message answers, in a form that 100,000 messages can be threaded by.

Message identifiers are kept as numbers of eight octets: a folder of 100,000 is threaded from some 3 MB
without reading a header, and a long identifier costs no more than a short one.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import blake2b
from sys import byteorder

# References that are kept, the oldest and the newest: they find a thread's root and a message's
# parents. A hostile field of 1,000 costs THREAD no more than a long honest one.
MOST = 50
NONE = 0  # stands for the Message-ID of a message that has none


def number_of(identifier: str) -> int:
    """A 64-bit number for a message identifier, the same everywhere; never NONE."""
    return int.from_bytes(blake2b(identifier.encode("utf-8", "replace"), digest_size=8).digest()) or 1


def ancestry(message_id: str | None, references: Sequence[str], in_reply_to: Sequence[str]) -> bytes:
    """The message's own number, then those of the messages it refers to, the oldest first.

    Without References the first identifier of In-Reply-To counts (RFC 5256 §4, REFERENCES step 1).
    """
    above = references or in_reply_to[:1]
    if len(above) > MOST:
        above = [above[0], *above[1 - MOST :]]
    numbers = array("Q", [number_of(message_id) if message_id else NONE, *map(number_of, above)])
    if byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def numbers_of(kept: bytes | None) -> array[int]:
    """What `ancestry` wrote; of a message from before it was kept, that there is nothing to know."""
    numbers = array("Q", kept or bytes(8))
    if byteorder == "big":
        numbers.byteswap()
    return numbers
