"""Which month a post in a calendar folder is for, and whether a month's schedule is there (132/QĐ-STTTT, Điều 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from mailserver.directory.records import OFFICE_ZONE
from mailserver.store import listing
from mailserver.text import fold

# Posts of a folder that are looked at, the newest: a month is posted shortly before it begins.
LOOKED_AT = 100
_NAMED = re.compile(r"\bthang 0?(1[0-2]|[1-9])\b(?:\s*(?:[-/.]|nam)\s*((?:19|20)\d\d)\b)?")
_NUMBERS = re.compile(r"(?<![\d/.-])0?(1[0-2]|[1-9])\s*[-/.]\s*((?:19|20)\d\d)\b")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """number: 1–12."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.number:02d}/{self.year}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def following(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def months_named(subject: str, posted_on: date) -> frozenset[Month]:
    """The months that a subject names: "tháng 12/2026", "Tháng 12", "12-2026".

    Without a year it is the one nearest to the day of posting: "tháng 1", posted in December, is the next year's.
    """
    text = fold(subject)
    named = [(int(number), year) for number, year in _NAMED.findall(text) + _NUMBERS.findall(text)]
    return frozenset(Month(int(year) if year else _year(number, posted_on), number) for number, year in named)


def months_of(subject: str, posted_on: date) -> frozenset[Month]:
    """As `months_named`; a post that names none is for the month that follows, as schedules are posted before it."""
    return months_named(subject, posted_on) or frozenset((month_of(posted_on).following,))


def is_there(conn: Connection, folder_id: int, month: Month) -> bool:
    """Whether the folder has a post for the month."""
    return any(
        month in months_of(line.subject, datetime.fromtimestamp(line.internal_date, OFFICE_ZONE).date())
        for line in listing.lines(conn, folder_id, limit=LOOKED_AT)
    )


def _year(number: int, posted_on: date) -> int:
    """Of the years around, the one in which the month is nearest to the day of posting."""
    here = posted_on.year * 12 + posted_on.month
    return min((posted_on.year + off for off in (-1, 0, 1)), key=lambda year: abs(year * 12 + number - here))
