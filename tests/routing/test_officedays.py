from __future__ import annotations

from datetime import date, timedelta

import pytest

from routing.lateness import late_days
from routing.officedays import OfficeDays

CALENDAR = OfficeDays()
OFFICE = OfficeDays(True, frozenset({"09-02", "2026-09-01", "02-29"}))
FRIDAY = date(2026, 8, 28)


@pytest.mark.parametrize(
    ("days", "after", "last", "expected"),
    [
        (CALENDAR, FRIDAY, date(2026, 8, 31), 3),
        (CALENDAR, FRIDAY, FRIDAY, 0),
        (CALENDAR, FRIDAY, date(2026, 8, 1), 0),
        (OFFICE, FRIDAY, date(2026, 8, 30), 0),  # a weekend
        (OFFICE, FRIDAY, date(2026, 8, 31), 1),
        (OFFICE, FRIDAY, date(2026, 9, 3), 2),  # Monday and Thursday; two holidays between
        (OFFICE, FRIDAY, date(2027, 8, 27), 5 * 52 - 2),
    ],
)
def test_days_that_count(days: OfficeDays, after: date, last: date, expected: int) -> None:
    assert days.between(after, last) == expected


def test_counting_is_the_sum_of_the_days_that_count() -> None:
    for length in range(800):
        last = FRIDAY + timedelta(days=length)
        one_by_one = sum(OFFICE.counts(FRIDAY + timedelta(days=n)) for n in range(1, length + 1))
        assert OFFICE.between(FRIDAY, last) == one_by_one


def test_a_number_of_days_later() -> None:
    assert CALENDAR.add(FRIDAY, 3) == date(2026, 8, 31)
    assert OFFICE.add(FRIDAY, 1) == date(2026, 8, 31)
    assert OFFICE.add(FRIDAY, 2) == date(2026, 9, 3)


def test_days_that_were_granted_are_excused_and_those_past_the_last_deadline_are_not() -> None:
    first, last = date(2026, 8, 3), date(2026, 8, 10)
    assert late_days(first, last, date(2026, 8, 7), CALENDAR) == (4, 0)
    assert late_days(first, last, date(2026, 8, 12), CALENDAR) == (7, 2)
    assert late_days(first, first, date(2026, 8, 12), CALENDAR) == (0, 9)
    assert late_days(first, last, date(2026, 8, 1), CALENDAR) == (0, 0)
