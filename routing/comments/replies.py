"""What a reply says: a comment, or that there is none. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailserver.text import nfc

# "Không có ý kiến", alone on the first line or followed by the reason. With a comma or a word behind it ("không có ý
# kiến khác, nhưng …") it is a comment like any other.
_NONE = re.compile(r"\s*(không có ý kiến|khong co y kien|no comments?)[ \t]*(?:[:.–/-]+|(?=\n)|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """declined: "không có ý kiến"; text is the reason then, and may be missing."""

    text: str
    declined: bool = False


def said(words: str) -> Said:
    """words: of the author's own, without quotation."""
    clean = nfc(words).strip()
    found = _NONE.match(clean)
    return Said(clean) if found is None else Said(clean[found.end() :].strip(), declined=True)
