"""Header fields in which this server tells the reader what a rule found, and their forgeries.

They stand between Return-Path and our Received field, as Authentication-Results does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailserver.mime.header import header_end

# Names that only this server writes, in mail from outside.
OURS = (b"X-Vanthu-Spam",)
_SMALL = tuple(name.lower() for name in OURS)  # a glance for these costs a tenth of the search

# One whole field with its folds. The quantifiers are possessive: nothing is tried twice.
_FORGED = re.compile(
    rb"^(?:" + b"|".join(map(re.escape, OURS)) + rb")[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?",
    re.IGNORECASE | re.MULTILINE,
)
_UNSAFE = re.compile(r"[^\x20-\x7e]")
MAX_VALUE = 900  # characters; a line has at most 998 (RFC 5322 §2.1.1)


def put_in(front: bytes, marks: Sequence[tuple[str, str]]) -> bytes:
    """The fields of `trace.fields` with these behind the first, which is Return-Path."""
    path, end, rest = front.partition(b"\r\n")
    fields = "".join(f"{name}: {_UNSAFE.sub('?', value)[:MAX_VALUE]}\r\n" for name, value in marks)
    return path + end + fields.encode("ascii") + rest


def without_forged(data: bytes) -> bytes:
    """The message without fields that only this server writes; all other octets stay as they are. Linear time."""
    end = header_end(data, 0, len(data))
    small = data[:end].lower()
    if not any(name in small for name in _SMALL) or _FORGED.search(data, 0, end) is None:
        return data
    return _FORGED.sub(b"", data[:end]) + data[end:]
