"""The new words of a reply: what stands above the quoted message."""

from __future__ import annotations

import re

MAX_OPINION = 20_000  # characters; an opinion is not a dossier

# How mail clients introduce what they quote, Vietnamese and English.
_BOUNDARY = re.compile(
    r"""^\s*(
        -{2,}\s*(original\ message|thư\ gốc|tin\ nhắn\ gốc|forwarded\ message|thư\ chuyển\ tiếp)\s*-{2,}
      | _{10,}
      | on\ .{4,200}\ wrote:
      | (vào|lúc|ngày)\ .{4,200}(đã\ viết|viết):
      | (from|từ|người\ gửi):\ .{3,}
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_OPENING = re.compile(r"^\s*(on|vào|lúc|ngày)\s", re.IGNORECASE)
_CLOSING = re.compile(r"(wrote|viết):\s*$", re.IGNORECASE)


def new_words(text: str) -> str:
    """The part of a reply's plain text that its author wrote, at most MAX_OPINION characters.

    Stops at the line that introduces the quotation, at the signature ("-- "), or at the first of a
    run of ">" lines; an answer written below the quotation is taken when nothing stands above it.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    above = _strip(lines[: _first_boundary(lines)])
    return (above or _strip(_unquoted(lines)))[:MAX_OPINION]


def _first_boundary(lines: list[str]) -> int:
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if line.rstrip("\r") == "-- " or line.startswith(">") or _BOUNDARY.match(line):
            return index
        # Thunderbird and Gmail break a long introduction over two lines.
        if _OPENING.match(line) and len(line) < 200 and _CLOSING.search(following):
            return index
    return len(lines)


def _unquoted(lines: list[str]) -> list[str]:
    """What remains without quoted lines, introductions and the signature."""
    kept: list[str] = []
    for line in lines:
        if line == "-- ":
            break
        if not line.startswith(">") and not _BOUNDARY.match(line) and not _CLOSING.search(line):
            kept.append(line)
    return kept


def _strip(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()
