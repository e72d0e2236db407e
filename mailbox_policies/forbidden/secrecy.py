"""MẬT, TỐI MẬT, TUYỆT MẬT as a mark, and not as a word: stamps, labels, numbers, subjects, names of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mailbox_policies.forbidden.finding import Finding, Kind, Place
from mailserver.text import fold, nfc

__all__ = ["in_file_name", "in_lines", "in_subject"]

_LEVELS: Final = {"MẬT": Kind.SECRET, "TỐIMẬT": Kind.TOP_SECRET, "TUYỆTMẬT": Kind.MOST_SECRET}
_TWO_WORDS: Final = frozenset(("tốimật", "tuyệtmật"))
# Without marks on the letters "MAT" may be anything (mắt, mặt, mất); these two cannot.
_BARE: Final = {"TOIMAT": Kind.TOP_SECRET, "TUYETMAT": Kind.MOST_SECRET}
_LEVEL: Final = r"(?:TUYỆT\s+MẬT|TỐI\s+MẬT|MẬT)"
# What frames a stamp in text: boxes of signs, brackets, stars.
_FRAME: Final = " \t[](){}<>|*_=~#.,:;!-–—•·│║┃─━═┌┐└┘╔╗╚╝\"'“”«»"
_SPACES: Final = re.compile(r"\s+")
_LABEL: Final = re.compile(
    r"(?:độ|mức(?:\s+độ)?|cấp(?:\s+độ)?|loại)\s+mật(?:\s*[:=\-–]\s*|\s+(?=t))[\[(“\"]?\s*(tuyệt\s+mật|tối\s+mật|mật)\b",
    re.IGNORECASE,
)
_LABEL_BARE: Final = re.compile(r"\bdo mat\s*[:=-]\s*(tuyet mat|toi mat|mat)\b")
_NUMBER: Final = re.compile(rf"\d\s*/[^\s/]{{0,30}}?(?:[-/]|\s?\()\s*({_LEVEL})\b", re.IGNORECASE)
# A stamp that the reader of the file puts on one line with the number it stands beside.
_BESIDE: Final = re.compile(rf"Số\s*:?\s*[\d.]*\s*/\s*\S+\s+({_LEVEL})\s*(?:\Z|\S+,\s*ngày)")
_KINDS_OF_PAPER: Final = (
    "tài liệu|văn bản|công văn|hồ sơ|báo cáo|kế hoạch|quyết định|thông báo|tờ trình|phương án|đề án|công điện|chỉ thị|"
    "nghị quyết|biên bản|phụ lục|bản đồ|thư"
)
_HEADING: Final = re.compile(rf"(?:{_KINDS_OF_PAPER})\s*[(\-–:]?\s*({_LEVEL})\s*\)?", re.IGNORECASE)
# A subject or a name of a file that says what kind of paper it is: "Công văn mật số 12".
_PAPER: Final = re.compile(
    rf"\b(?:{_KINDS_OF_PAPER})\s+({_LEVEL})\s*(?=$|[:;,.()\[\]\-–_/]|số\b|\d|(?:v/v|về việc|gửi|kèm)\b)", re.IGNORECASE
)
_ABOUT: Final = re.compile(
    r"(?:quản lý|bảo vệ|soạn thảo|lập|danh mục|xử lý|tiếp nhận|phân loại|tập huấn|hướng dẫn|quy chế|quy định|"
    r"nghiệp vụ|công tác|đóng|xác định|giải|nhắc|không gửi|cấm|sử dụng)\b[^.;:\n]{0,60}\Z",
    re.IGNORECASE,
)
_PREFIXES: Final = re.compile(r"\s*(?:(?:re|fwd?|tr|trả lời|chuyển tiếp)\s*:\s*)+", re.IGNORECASE)
_BRACKETED: Final = re.compile(rf"[\[(【]\s*(?:độ\s+)?({_LEVEL})\s*[\])】]", re.IGNORECASE)
_BRACKETED_BARE: Final = re.compile(r"\[\s*(TUYET MAT|TOI MAT|MAT)\s*\]")
_AT_START: Final = re.compile(rf"({_LEVEL})\s*(?:[:!|]|[-–—]\s)", re.IGNORECASE)
_AT_END: Final = re.compile(rf"(?:[-–—|]\s*|[:,]\s+)({_LEVEL})\s*[.!]?\Z")
_WORD: Final = re.compile(rf"(?<![\w-])({_LEVEL})(?![\w-])")
# Words that make another of it: dấu MẬT, độ MẬT, mức MẬT; MẬT ONG.
_BEFORE: Final = re.compile(
    r"(?:dấu|độ|mức|loại|cấp|chữ|từ|bảo|bí|thân|hội|cơ|tuần|đường|rót|trăng|dày|cẩn|trái|nước|vị|không|phi|giải)\s+\Z",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"\s+(?:ong|khẩu|độ|mã|thiết|vụ|danh|ngữ|gấu|mía|hoa|đàm|lệnh|thám|ước|nghị|báo|thư|trường|chú|tông|giáo|là|và|hoặc)\b",
    re.IGNORECASE,
)
_NAME_PARTS: Final = re.compile(r"[\s_\-.,()\[\]+]+")


def level_of(words: str) -> Kind:
    """words: as `_LEVEL` matches them."""
    return _LEVELS[_SPACES.sub("", nfc(words)).upper()]


# "Độ mật" is the name of the label, and no level.
_ANY: Final = re.compile(rf"(?<!độ )(?<!ĐỘ )(?<!Độ )\b({_LEVEL})\b", re.IGNORECASE)


def _levels_in(text: str) -> set[Kind]:
    return {level_of(match[1]) for match in _ANY.finditer(text)}


def in_lines(lines: Sequence[str], place: Place, file: str = "") -> Iterator[Finding]:
    """Marks among the lines of an upper zone. Two levels or more are a table of them, and none is a mark."""
    found = [one for line in lines for one in _in_line(line, place, file)]
    if len({one.kind for one in found}) == 1:
        yield found[0]


def _in_line(line: str, place: Place, file: str) -> Iterator[Finding]:
    line = nfc(line).strip()
    if len(_levels_in(line)) > 1:
        return  # speaks of them
    kind = _stamp(line)
    if kind is None and len(line) <= _LONGEST_LABEL:
        kind = _labelled(line)
    if kind is not None:
        yield Finding(kind, place, line, file)


_LONGEST_LABEL: Final = 90  # characters; what is longer is a sentence


def _stamp(line: str) -> Kind | None:
    """A line that is a stamp and nothing else: in capitals, spaced or framed or both."""
    if len(line) > 60:
        return None
    inner = line.strip(_FRAME)
    # Spaced letters that an old encoding has no capitals for come in both cases.
    spaced = all(len(piece) == 1 for piece in inner.split())
    bare = _SPACES.sub("", inner.upper() if spaced else inner)
    if bare.startswith(("DẤU", "ĐÓNGDẤU")):
        return None
    bare = bare.removeprefix("ĐỘ").strip(_FRAME)
    if bare.casefold() in _TWO_WORDS:
        bare = bare.upper()  # "Tối mật": nothing else is called so
    return _LEVELS.get(bare) or _BARE.get(bare)


def _labelled(line: str) -> Kind | None:
    label = _LABEL.search(line)
    if label is not None and not _quoted(line, label.start()):
        return level_of(label[1])
    number = _NUMBER.search(line) or _BESIDE.match(line)
    if number is not None:
        return level_of(number[1])
    heading = _HEADING.fullmatch(line.strip(_FRAME)) if line.isupper() else None
    return None if heading is None else level_of(heading[1])


def _quoted(line: str, at: int) -> bool:
    """Whether the line speaks of the label ("ghi “Độ mật: Tối mật” ở góc trái")."""
    return line[:at].rstrip().endswith(("“", '"', "'", "«", "ghi", "dòng", "mục")) or at > 40


def in_subject(subject: str, place: Place = Place.SUBJECT) -> Iterator[Finding]:
    """Marks in a subject. One that names several levels speaks about them."""
    text = _PREFIXES.sub("", nfc(subject), count=1)
    kind = None if len(_levels_in(text)) > 1 else _of_subject(text) or _bare_subject(text)
    if kind is not None:
        yield Finding(kind, place, text.strip()[:200])


def _of_subject(text: str) -> Kind | None:
    for pattern in (_BRACKETED, _LABEL):
        match = pattern.search(text)
        if match is not None and not _speaks_about(text, match.start()):
            return level_of(match[1])
    start = _AT_START.match(text.lstrip())
    if start is not None and (start[1].isupper() or start[0].rstrip().endswith((":", "|"))):
        return level_of(start[1])
    for pattern in (_AT_END, _NUMBER, _PAPER):
        match = pattern.search(text)
        if match is not None and not _speaks_about(text, match.start()):
            return level_of(match[1])
    if not text.isupper():
        for match in _WORD.finditer(text):
            if not _speaks_about(text, match.start(1)) and _stands_alone(text, match):
                return level_of(match[1])
    return _stamp(text.strip())


def _bare_subject(text: str) -> Kind | None:
    """Marks of subjects that are written without diacritics."""
    bracketed = _BRACKETED_BARE.search(text)
    if bracketed is not None:
        words = bracketed[1].replace(" ", "")
        return _BARE.get(words, Kind.SECRET)
    label = _LABEL_BARE.search(fold(text)) if text.isascii() else None
    return None if label is None else _BARE.get(label[1].replace(" ", "").upper(), Kind.SECRET)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    return _BEFORE.search(text[: match.start()]) is None and _BEHIND.match(text, match.end()) is None


def _speaks_about(text: str, at: int) -> bool:
    return _ABOUT.search(text[:at]) is not None


def in_file_name(name: str) -> Iterator[Finding]:
    """Marks in the name of a file: "12-KH-UBND (MẬT).pdf", "TOI MAT_ke hoach.docx", "Công văn mật 12.pdf"."""
    stem = nfc(name).rpartition(".")[0] or nfc(name)
    words = _NAME_PARTS.sub(" ", stem).strip()
    kind = _of_name(stem, words)
    if kind is not None:
        yield Finding(kind, Place.FILE_NAME, name, name)


def _of_name(stem: str, words: str) -> Kind | None:
    bracketed = _BRACKETED.search(stem)
    if bracketed is not None:
        return level_of(bracketed[1])
    if len(_levels_in(words)) > 1:
        return None
    for pattern in (_LABEL, _PAPER):
        match = pattern.search(words)
        if match is not None and not _speaks_about(words, match.start()):
            return level_of(match[1])
    for match in _WORD.finditer(words):
        alone = _stands_alone(words, match) and not _speaks_about(words, match.start())
        if alone and (not words.isupper() or _cut_off(stem, match[1])):
            return level_of(match[1])
    upper = re.search(r"(?<![A-Za-z])(TUYET MAT|TOI MAT)(?![A-Za-z])", words)
    return None if upper is None else _BARE[upper[1].replace(" ", "")]


def _cut_off(stem: str, level: str) -> bool:
    """Whether in a name all in capitals a sign, not a space, sets the level off from the rest."""
    inner = r"\s+".join(map(re.escape, level.split()))
    return re.search(rf"(?:^|[_\-.,(\[+]\s*){inner}\s*(?:$|[_\-.,)\]+])", stem) is not None


def strictest(found: Iterable[Finding]) -> Finding | None:
    """Of several marks the one of the highest level."""
    order = list(Kind)
    return min(found, key=lambda one: order.index(one.kind), default=None)
