"""Reading a document's particulars from text, by the layout of 30/2020/NĐ-CP, Phụ lục I.

Every function is pure and takes text in Unicode NFC. What is found is a proposal: the clerk confirms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from mailbox_policies.forbidden import secrecy
from mailbox_policies.forbidden.finding import Kind, Place
from mailbox_policies.forbidden.upper_zone import flowing
from routing.document_types import type_of_heading
from routing.types import Secrecy, Urgency

FIRST_PAGE = 6_000  # characters looked at: number, date and subject stand on page one


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the words it was read from."""

    value: object
    excerpt: str


_LETTER = r"[A-ZĐÂĂÊÔƠƯa-zđ&]"
_SIGN = rf"(?:{_LETTER}|\d)+(?:-(?:{_LETTER}|\d|\.)+)*"
_LABELLED_CODE = re.compile(
    rf"Số\s*:?\s*(?P<number>\d{{1,6}}[a-z]?)\s*/\s*(?:(?P<year>\d{{4}})\s*/\s*)?(?P<sign>{_SIGN})", re.IGNORECASE
)
_BARE_CODE = re.compile(rf"(?<![\d/])(?P<number>\d{{1,6}})\s*/\s*(?:(?P<year>\d{{4}})/)?(?P<sign>[A-ZĐ]{_SIGN})")
_FILE_CODE = re.compile(
    rf"(?<!\d)(?P<number>\d{{1,6}})[-_. ]+(?:(?P<year>\d{{4}})[-_. ]+)?(?P<sign>[A-ZĐ]{_LETTER}+-{_SIGN})"
)
_LONG_DATE = re.compile(r"ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_SHORT_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_DUE = re.compile(
    r"(?:trước|chậm nhất|hạn chót|hạn cuối|hết)\s+(?:là\s+|vào\s+)?(?:ngày\s+)?"
    r"(\d{1,2})(?:\s*tháng\s*|[/.-])(\d{1,2})(?:\s*năm\s*|[/.-])(\d{4})",
    re.IGNORECASE,
)
_SUBJECT_LINE = re.compile(
    r"(?:^|\n)\s*(V/v\b|Về việc\b)(.{3,400}?)(?=\n\s*\n|\n\s*Kính gửi|\n\s*Căn cứ|\n\s*CỘNG\s+H(?:ÒA|OÀ)|$)", re.DOTALL
)
_URGENCY = (
    (re.compile(r"(?i:hỏa|hoả)\s+(?i:tốc)|HỎA TỐC|HOẢ TỐC"), Urgency.FLASH),
    (re.compile(r"(?i:thượng)\s+(?i:khẩn)"), Urgency.VERY_URGENT),
    (re.compile(r"(?m)^\s*KHẨN\s*$|\[KHẨN\]"), Urgency.URGENT),
)
_SECRECY = {
    Kind.MOST_SECRET: Secrecy.MOST_SECRET,
    Kind.TOP_SECRET: Secrecy.TOP_SECRET,
    Kind.SECRET: Secrecy.SECRET,
}
# Quốc hiệu và tiêu ngữ stand right of the agency, on the same lines of the extracted text.
_NATION = re.compile(r"(?:CỘNG\s+H(?:ÒA|OÀ)\s+XÃ\s+HỘI|ĐỘC\s+LẬP\s*[-–]).*", re.IGNORECASE)
_AGENCY = re.compile(r"^(?:ỦY BAN|UỶ BAN|UBND|HỘI ĐỒNG|HĐND|SỞ|BỘ|CỤC|CHI CỤC|BAN|TRUNG TÂM|VĂN PHÒNG|THANH TRA)\b.*")
_ABBREVIATIONS = ("UBND", "HĐND")
_PLACES = ("tỉnh", "huyện", "xã", "phường")
_RECEIVERS = re.compile(r"(?m)^\s*Nơi nhận\s*:?")
_PERSON = re.compile(r"^[A-ZĐÀ-Ỹ][a-zà-ỹđ']*(?:\s+[A-ZĐÀ-Ỹ][a-zà-ỹđ']*){1,5}$")


def code_in(text: str, *, labelled: bool) -> tuple[str, str, str] | None:
    """Số, ký hiệu and the words they were read from; None if there are none.

    labelled: only after "Số:", first hit (later ones are citations); else any 12/QĐ-UBND.
    The year of a legal-normative document stays with its number: ("12/2026", "NQ-HĐND", …).
    """
    return _code((_LABELLED_CODE if labelled else _BARE_CODE).search(text))


def code_in_filename(name: str) -> tuple[str, str, str] | None:
    """As in "1482_UBND-KTN.pdf" or "12-2026-NQ-HĐND_signed.pdf"."""
    stem = name.rsplit(".", 1)[0]
    return _code(_FILE_CODE.search(stem.split("_signed")[0].replace("_", " ")) or _BARE_CODE.search(stem))


def _code(match: re.Match[str] | None) -> tuple[str, str, str] | None:
    if match is None:
        return None
    year = match["year"]
    number = f"{match['number']}/{year}" if year else match["number"]
    return number, match["sign"].rstrip("-."), " ".join(match[0].split())


def date_in(text: str) -> Found | None:
    """The first date written out ("ngày … tháng … năm …")."""
    return _date(_LONG_DATE.search(text))


def short_date_in(text: str) -> Found | None:
    """The first date as 02/11/2026 that is not a deadline."""
    return _date(_SHORT_DATE.search(_DUE.sub("", text)))


def due_in(text: str) -> Found | None:
    """The day before which an answer is wanted ("trước ngày 20/11/2026")."""
    return _date(_DUE.search(text))


def _date(match: re.Match[str] | None) -> Found | None:
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return Found(date(year, month, day), " ".join(match[0].split()))
    except ValueError:
        return None


def summary_in(text: str) -> Found | None:
    """Trích yếu: "V/v …" of a công văn, or what follows the type in capitals."""
    match = _SUBJECT_LINE.search(text)
    if match:
        words = " ".join(f"{match[1]}{match[2]}".split())
        return Found(words, words)
    heading = type_in(text)
    if heading is None:
        return None
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip() == heading.excerpt)
    words = " ".join(" ".join(_until_rule(lines[start + 1 : start + 7])).split())
    return Found(words, words) if words else None


def _until_rule(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if re.match(r"\s*([-_–—]{3,}|Căn cứ|Kính gửi|Điều 1|Thực hiện)", line) or (kept and not line.strip()):
            break
        kept.append(line)
    return kept


def type_in(text: str) -> Found | None:
    """The line in capitals that names one of the types."""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.isupper() and (name := type_of_heading(stripped)):
            return Found(name, stripped)
    return None


def issuer_in(text: str) -> Found | None:
    """The issuing agency: the last agency line before "Số:", left of the Quốc hiệu, with what continues it."""
    head = text[: text.find("Số")] if "Số" in text else text[:600]
    lines = [_NATION.sub("", line).strip() for line in head.splitlines()]
    agencies = [index for index, line in enumerate(lines) if _AGENCY.match(line) and line.isupper()]
    if not agencies:
        return None
    last = agencies[-1]
    more = takewhile(str.isupper, lines[last + 1 :])
    words = " ".join(" ".join([lines[last], *more]).split())
    return Found(_as_written(words), words)


def signer_in(text: str) -> Found | None:
    """The last line that looks like a person's name near "Nơi nhận"."""
    match = _RECEIVERS.search(text)
    if match is None:
        return None
    around = text[max(0, match.start() - 300) :].splitlines()
    names = [line.strip() for line in around if _PERSON.match(line.strip())]
    return Found(names[-1], names[-1]) if names else None


def urgency_in(text: str) -> Found | None:
    return _first(_URGENCY, text)


def secrecy_in(text: str) -> Found | None:
    """A secrecy mark where marks stand: above the text of a page, or in a subject."""
    marks = [*secrecy.in_lines(list(flowing(text)), Place.PAGE), *(() if "\n" in text else secrecy.in_subject(text))]
    found = secrecy.strictest(marks)
    return None if found is None else Found(_SECRECY[found.kind], found.excerpt)


def _first(table: tuple[tuple[re.Pattern[str], object], ...], text: str) -> Found | None:
    for pattern, value in table:
        if match := pattern.search(text):
            return Found(value, match[0].strip())
    return None


def _as_written(capitals: str) -> str:
    """ "ỦY BAN NHÂN DÂN TỈNH HƯNG BÌNH" as it stands in a list: "Ủy ban nhân dân tỉnh Hưng Bình"."""
    words = [word if word in _ABBREVIATIONS else word.lower() for word in capitals.split()]
    proper = next((i + 1 for i, word in enumerate(words) if word in _PLACES), len(words))
    if words[0] in ("sở", "bộ", "cục"):
        words[1:2] = [word.capitalize() for word in words[1:2]]
    first = words[0] if words[0] in _ABBREVIATIONS else words[0].capitalize()
    return " ".join([first, *words[1:proper], *(word.capitalize() for word in words[proper:])])
