"""Complaints and denunciations themselves, and documents that settle one; not what only speaks of such matters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mailbox_policies.forbidden.finding import Finding, Kind, Place
from mailserver.text import fold, nfc

__all__ = ["in_body", "in_file_name", "in_lines", "in_subject"]

_MATTER: Final = r"(?:tố cáo|khiếu nại|tố giác|khiếu kiện|kiến nghị|phản ánh|kêu cứu|kêu oan|cứu xét)"
_LETTER: Final = rf"(?:đơn|thư)\s+(?:thư\s+)?(?:đề nghị\s+(?:giải quyết\s+)?|xin\s+)?{_MATTER}"
# A heading, or the whole of a subject: "ĐƠN TỐ CÁO", "Đơn khiếu nại lần 2 (bổ sung)", "ĐƠN KHIẾU NẠI, TỐ CÁO".
_HEADING: Final = re.compile(
    rf"{_LETTER}(?:\s*(?:,|và|-|–|/|kiêm)\s*{_MATTER})*"
    r"(?:\s*[-–:(]?\s*(?:lần\s+(?:thứ\s+)?\w+|bổ sung|tập thể|khẩn cấp|v/v|về việc|đối với|ông|bà|hành vi|quyết định)"
    r"\b.{0,120})?"
    r"\s*[).:]?",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    rf"(?:v/v\s+|về\s+)?(?:gửi\s+|nộp\s+)?{_LETTER}\b(?!\s*(?:của|trong|năm|quý|tháng|các|được))",
    re.IGNORECASE,
)
_BY_SOMEBODY: Final = re.compile(
    rf"(?:v/v\s+|về\s+)?(?:gửi\s+|nộp\s+)?{_LETTER}\s+của\s+"
    r"(?:tôi|chúng tôi|gia đình tôi|công dân|tập thể|ông|bà|các hộ)\b",
    re.IGNORECASE,
)
_IN_BODY: Final = re.compile(
    r"\b(?:tôi|chúng tôi|gia đình tôi)\b[^.\n]{0,120}?\b(?:làm|viết|gửi|nộp|đứng)\s+(?:lá\s+)?đơn\b"
    rf"[^.\n]{{0,100}}?\b{_MATTER}\b",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"\s*(?:\d+\s+)?(?:don|thu)\s+(?:thu\s+)?(?:de nghi giai quyet\s+)?"
    r"(?:to cao|khieu nai|to giac|khieu kien|kien nghi|phan anh|keu cuu)\b"
)
_PREFIXES: Final = re.compile(r"\s*(?:(?:re|fwd?|tr|trả lời|chuyển tiếp)\s*:\s*)+", re.IGNORECASE)
# A form to be filled in, not a letter.
_FORM: Final = re.compile(r"\s*(?:mẫu|biểu mẫu|phụ lục|ban hành kèm)\b|\(?\s*mẫu số\b", re.IGNORECASE)
_SETTLES: Final = re.compile(
    r"(?:v/v\s+|về việc\s+)?(?:quyết định\s+(?:về việc\s+)?giải quyết\s+(?:đơn\s+)?(?:khiếu nại|tố cáo)"
    r"|kết luận\s+(?:nội dung\s+)?(?:tố cáo|đơn tố cáo)"
    r"|(?:thông báo\s+)?kết quả\s+(?:xem xét,?\s+)?giải quyết\s+(?:đơn\s+)?(?:thư\s+)?(?:khiếu nại|tố cáo|kiến nghị)"
    r"|(?:thông báo\s+)?(?:về việc\s+)?(?:không\s+)?thụ lý\s+(?:giải quyết\s+)?(?:đơn\s+)?(?:khiếu nại|tố cáo)"
    r"|(?:về việc\s+)?(?:trả lời|giải quyết)\s+đơn\s+(?:thư\s+)?(?:khiếu nại|tố cáo|kiến nghị))",
    re.IGNORECASE,
)
# What makes a report on the work in general of it.
_GENERAL: Final = re.compile(
    r"\b(?:công tác|báo cáo|quý|tháng|luật|nghị định|quy trình|quy định|tập huấn|hội nghị|kế hoạch|thống kê|tổng hợp|"
    r"năng lực|kỹ năng|chuyên đề|tiếp công dân)\b",
    re.IGNORECASE,
)


def in_subject(subject: str) -> Iterator[Finding]:
    text = " ".join(_PREFIXES.sub("", nfc(subject), count=1).split())
    if _SUBJECT.match(text) or _BY_SOMEBODY.match(text):
        yield Finding(Kind.COMPLAINT, Place.SUBJECT, text[:200])
    elif _settles(_without_code(text)):
        yield Finding(Kind.SETTLEMENT, Place.SUBJECT, text[:200])


_CODE: Final = re.compile(r"(?:số\s*:?\s*)?\d{1,6}\s*/\s*\S+\s*[-–—:.]*\s*", re.IGNORECASE)


def _without_code(text: str) -> str:
    match = _CODE.match(text)
    return text[match.end() :] if match else text


def _settles(text: str) -> bool:
    return _SETTLES.match(text) is not None and _GENERAL.search(text) is None


def in_lines(lines: Sequence[str], place: Place, file: str = "") -> Iterator[Finding]:
    """A heading among the lines of an upper zone; joined with the next line where the heading goes on."""
    plain = [" ".join(nfc(line).split()) for line in lines]
    if any(_FORM.match(line) for line in plain):
        return
    for line, following in zip(plain, [*plain[1:], ""], strict=False):
        heading = line.strip("*_-– ")
        if _HEADING.fullmatch(heading):
            yield Finding(Kind.COMPLAINT, place, line, file)
            return
        if _settles(heading) or (_OPENS.fullmatch(heading) and _settles(f"{heading} {following}")):
            yield Finding(Kind.SETTLEMENT, place, f"{line} {following}".strip()[:200], file)
            return


_OPENS: Final = re.compile(r"quyết định|kết luận|thông báo", re.IGNORECASE)


def in_body(body: str) -> Iterator[Finding]:
    """Somebody who complains in the letter itself."""
    said = _IN_BODY.search(nfc(body[:20_000]))
    if said is not None:
        yield Finding(Kind.COMPLAINT, Place.BODY, " ".join(said[0].split())[:200])


def in_file_name(name: str) -> Iterator[Finding]:
    words = re.sub(r"[_\-.]+", " ", fold(name))
    if _NAMES.match(words):
        yield Finding(Kind.COMPLAINT, Place.FILE_NAME, name, name)
