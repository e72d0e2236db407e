"""Which month a schedule is for, by its subject and the day of its posting."""

from __future__ import annotations

from datetime import date

import pytest

from mailserver.boards.calendars import Month, month_of, months_named, months_of

POSTED = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("subject", "months"),
    [
        ("Lịch công tác tháng 12/2026", {(2026, 12)}),
        ("LỊCH CÔNG TÁC THÁNG 12 NĂM 2026 (sửa)", {(2026, 12)}),
        ("Lịch làm việc 01-2027 của Giám đốc", {(2027, 1)}),
        ("lich cong tac thang 12", {(2026, 12)}),
        ("Lịch tháng 1", {(2027, 1)}),
        ("Lịch tháng 11, tháng 12", {(2026, 11), (2026, 12)}),
        ("Lịch tuần, từ 30/11/2026", set()),
        ("Lịch tháng 13", set()),
        ("Lịch công tác", set()),
    ],
)
def test_the_subject_names_the_month(subject: str, months: set[tuple[int, int]]) -> None:
    assert {(one.year, one.number) for one in months_named(subject, POSTED)} == months


def test_a_post_that_names_none_is_for_the_month_that_follows() -> None:
    assert months_of("Lịch công tác", POSTED) == {Month(2026, 12)}
    assert months_of("Lịch công tác tháng 11", POSTED) == {Month(2026, 11)}


def test_months_follow_one_another() -> None:
    assert month_of(date(2026, 12, 31)).following == Month(2027, 1)
    assert str(Month(2026, 3).following) == "04/2026" and Month(2026, 4).first_day == date(2026, 4, 1)
