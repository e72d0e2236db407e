"""Lists of staff as offices keep them, CSV or XLSX with Vietnamese or English headings, as rows.

Reads only; what is wrong with a single row is told with its number and leaves the others alone.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from mailserver.directory.errors import DirectoryError, Sentence
from mailserver.text import fold, nfc

# A list of the staff of a whole province stays far below; a mistaken file does not.
MAX_OCTETS = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 20_000

# Folded headings of each column, as found in real lists.
HEADINGS = {
    "staff_code": ("ma can bo", "ma nhan vien", "ma cbccvc", "ma cb", "ma nv", "ma so", "staff code", "staff_code"),
    "name": ("ho va ten", "ho ten", "ten day du", "full name", "name"),
    "family": ("ho", "family", "family name"),
    "middle": ("ten dem", "ten lot", "dem", "middle", "middle name"),
    "given": ("ten", "given", "given name"),
    "birth_date": ("ngay sinh", "ngay thang nam sinh", "birth date", "birth_date", "date of birth"),
    "unit": ("don vi", "phong", "phong ban", "phong/ban", "don vi cong tac", "unit", "department"),
    "role": ("chuc vu", "chuc danh", "vai tro", "role", "roles", "title"),
    "address": ("dia chi thu", "thu dien tu", "email", "e-mail", "tai khoan", "address", "account", "username"),
    "password": ("mat khau", "password"),
}

# Folded titles to role codes; a code itself stands for itself.
ROLES = {
    "giam doc": "director",
    "pho giam doc": "deputy_director",
    "chanh van phong": "chief_of_office",
    "pho chanh van phong": "deputy_chief_of_office",
    "truong phong": "unit_head",
    "pho truong phong": "deputy_unit_head",
    "pho phong": "deputy_unit_head",
    "chuyen vien": "specialist",
    "nhan vien": "specialist",
    "van thu": "registry",
    "quan tri": "it_admin",
    "quan tri he thong": "it_admin",
}

# What a file that only looks like a workbook makes openpyxl raise: a broken archive or XML, a missing part.
_BROKEN_BOOK = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, OSError, EOFError),
    *(LookupError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError),
)

_DATE_FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")

NOT_A_TABLE = Sentence(
    "Không đọc được tệp: cần .csv hoặc .xlsx với dòng đầu là tên cột.",
    "The file cannot be read: it has to be .csv or .xlsx with the columns named in the first row.",
)
NO_NAME_COLUMN = Sentence(
    "Thiếu cột “Họ và tên” (hoặc “Họ” và “Tên”).", "There is no column “Full name” (or “Family name” and “Given name”)."
)
TOO_LARGE = Sentence("Tệp quá lớn.", "The file is too large.")
BAD_DATE = Sentence("Ngày sinh không đúng dạng ngày/tháng/năm.", "The birth date is not day/month/year.")
BAD_ROLE = Sentence("Chức vụ không có trong danh mục.", "The role is not a known one.")
NO_NAME = Sentence("Thiếu họ tên.", "The name is missing.")
LONG_NAME = Sentence("Họ tên quá dài.", "The name is too long.")
LONG_CODE = Sentence("Mã cán bộ quá dài.", "The staff code is too long.")
# As the columns of `directory.schema.person` hold them.
LONGEST_NAME, LONGEST_CODE = 60, 40


class Unreadable(DirectoryError):
    """The file as a whole is no list of people; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row. number: as the reader's program counts, the headings are row 1. faults: () if it is good.

    password: the account's password as chosen in the list; "" leaves it to a one-time password.
    """

    number: int
    family: str
    middle: str
    given: str
    staff_code: str | None
    birth_date: date | None
    unit: str
    roles: tuple[str, ...]
    address: str
    faults: tuple[Sentence, ...] = ()
    password: str = field(default="", repr=False)

    @property
    def full_name(self) -> str:
        return " ".join(f"{self.family} {self.middle} {self.given}".split())


def read_people(path: Path) -> list[PersonRow]:
    """All rows of a file that are not empty. Raises Unreadable."""
    if path.stat().st_size > MAX_OCTETS:
        raise Unreadable(TOO_LARGE)
    return parse_people(path.read_bytes(), path.name)


def parse_people(octets: bytes, name: str, most: int = MAX_ROWS) -> list[PersonRow]:
    """All rows that are not empty. name: of the file; ".xlsx" makes it a workbook. Raises Unreadable: also
    where there are more than `most` rows."""
    table = _xlsx(octets) if name.lower().endswith(".xlsx") else _csv(octets)
    headings = next(table, ())
    columns = _columns(headings)
    if not ("name" in columns or "given" in columns):
        raise Unreadable(NO_NAME_COLUMN)
    people = (_person(number, _named(columns, cells)) for number, cells in enumerate(table, 2) if any(cells))
    rows = list(islice(people, most + 1))
    if len(rows) > most:
        raise Unreadable(TOO_LARGE)
    return rows


def split_name(name: str) -> tuple[str, str, str]:
    """Họ, tên đệm, tên of a full name: the first word, those between, the last one.

    Wrong for compound family names ("Âu Dương"): lists that have them need columns of their own.
    """
    words = name.split()
    if len(words) < 2:
        return "", "", " ".join(words)
    return words[0], " ".join(words[1:-1]), words[-1]


def _columns(headings: Iterable[str]) -> dict[str, int]:
    """Which column holds what."""
    places = {fold(heading): place for place, heading in reversed(list(enumerate(headings)))}
    return {field: places[name] for field, names in HEADINGS.items() for name in reversed(names) if name in places}


def _named(columns: dict[str, int], cells: Sequence[str]) -> dict[str, str]:
    return {field: cells[place].strip() if place < len(cells) else "" for field, place in columns.items()}


def _person(number: int, cells: dict[str, str]) -> PersonRow:
    family, middle, given = cells.get("family", ""), cells.get("middle", ""), cells.get("given", "")
    if not given:
        family, middle, given = split_name(cells.get("name", ""))
    born, date_fault = _date(cells.get("birth_date", ""))
    roles, role_fault = _roles(cells.get("role", ""))
    too_long = max(len(family), len(middle), len(given)) > LONGEST_NAME
    name_fault = NO_NAME if not given else LONG_NAME if too_long else None
    code_fault = LONG_CODE if len(cells.get("staff_code", "")) > LONGEST_CODE else None
    faults = [fault for fault in (name_fault, code_fault, date_fault, role_fault) if fault is not None]
    return PersonRow(
        number=number,
        family=family,
        middle=middle,
        given=given,
        staff_code=cells.get("staff_code") or None,
        birth_date=born,
        unit=cells.get("unit", ""),
        roles=roles,
        address=cells.get("address", ""),
        faults=tuple(faults),
        password=cells.get("password", ""),
    )


def _date(text: str) -> tuple[date | None, Sentence | None]:
    if not text:
        return None, None
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).date(), None
        except ValueError:
            continue
    return None, BAD_DATE


def _roles(text: str) -> tuple[tuple[str, ...], Sentence | None]:
    """Role codes of titles with commas or semicolons between."""
    words = [fold(word) for word in text.replace(";", ",").split(",") if word.strip()]
    codes = [ROLES.get(word, word.replace(" ", "_")) for word in words]
    known = set(ROLES.values())
    return tuple(code for code in codes if code in known), None if known.issuperset(codes) else BAD_ROLE


def _csv(octets: bytes) -> Iterator[list[str]]:
    text = _decoded(octets).replace("\0", "")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from (
            [nfc(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        )
    except csv.Error:
        raise Unreadable(NOT_A_TABLE) from None


def _decoded(octets: bytes) -> str:
    """UTF-8 or UTF-16 with their marks, UTF-8 without, else what Vietnamese Windows wrote."""
    encoding = "utf-16" if octets.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError:
        return octets.decode("cp1258", errors="replace")


def _xlsx(octets: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise Unreadable(TOO_LARGE)
        book = load_workbook(io.BytesIO(octets), read_only=True, data_only=True)
    except _BROKEN_BOOK:
        raise Unreadable(NOT_A_TABLE) from None
    try:
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in cells]
    except _BROKEN_BOOK:
        raise Unreadable(NOT_A_TABLE) from None
    finally:
        book.close()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else nfc(str(value)).strip()
