"""Letters to a named person alone: "gửi đích danh", "chỉ người nhận được mở"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mailbox_policies.forbidden.finding import Finding, Kind, Place
from mailserver.text import nfc

__all__ = ["in_lines", "in_subject"]

_WHO: Final = (
    r"(?:ông|bà|anh|chị|đồng chí|đ/c|đc|giám đốc|phó giám đốc|pgđ|gđ|chủ tịch|phó chủ tịch|chánh|trưởng|thủ trưởng)"
)
_OPENING: Final = r"(?:bóc|mở|đọc|xem)"
_PATTERNS: Final = re.compile(
    rf"(?:thư\s+)?(?:kính\s+)?gửi\s+đích\s+danh\b"
    rf"|đích\s+danh\s*[:\-–]?\s*{_WHO}\b"
    rf"|\[\s*đích\s+danh\s*\]|\(\s*đích\s+danh\s*\)|đích\s+danh\s*:"
    rf"|(?:chỉ\s+)?(?:người\s+(?:nhận|có\s+tên))\s+(?:trực\s+tiếp|tự|đích\s+thân|mới\s+được)\s+{_OPENING}\b"
    rf"|chỉ\s+(?:người\s+(?:nhận|có\s+tên)|{_WHO}[^.,;]{{0,40}}?)\s+(?:được|mới\s+được)\s+(?:phép\s+)?{_OPENING}\b"
    rf"|(?:gửi\s+)?riêng\s*:\s*{_WHO}\b"
    rf"|(?:kính\s+)?gửi\s+riêng\s*:?\s*{_WHO}\b"
    r"|không\s+bóc\s+(?:bì|thư)\s*,?\s*chuyển\s+(?:tận\s+tay|người\s+nhận)",
    re.IGNORECASE,
)
_PREFIXES: Final = re.compile(r"\s*(?:(?:re|fwd?|tr|trả lời|chuyển tiếp)\s*:\s*)+", re.IGNORECASE)
# Sentences about how such letters are handled.
_ABOUT: Final = re.compile(
    r"\b(?:quy định|quy trình|hướng dẫn|đối với|trường hợp|văn thư|các loại|không gửi|đừng gửi|cách)\b", re.IGNORECASE
)
_LONGEST: Final = 110  # characters of a line that is an address and no sentence
_FURTHEST: Final = 12  # characters before it: "(", "Nơi nhận:"


def in_subject(subject: str) -> Iterator[Finding]:
    yield from _in(" ".join(_PREFIXES.sub("", nfc(subject), count=1).split()), Place.SUBJECT, "", anywhere=True)


def in_lines(lines: Sequence[str], place: Place, file: str = "") -> Iterator[Finding]:
    for line in lines:
        yield from _in(" ".join(nfc(line).split()), place, file, anywhere=False)


def _in(line: str, place: Place, file: str, *, anywhere: bool) -> Iterator[Finding]:
    if len(line) > _LONGEST * 2 or (not anywhere and len(line) > _LONGEST) or _ABOUT.search(line):
        return
    found = _PATTERNS.search(line)
    if found is not None and (anywhere or found.start() <= _FURTHEST):
        yield Finding(Kind.PERSONAL, place, line, file)
