"""The Date field."""

from __future__ import annotations

import pytest

from mailserver.mime.dates import parse_date

WHEN = 1_704_337_200  # 2024-01-04T03:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 4 Jan 2024 10:00:00 +0700",
        "Thu, 04 Jan 2024 03:00:00 GMT",
        "4 Jan 2024 03:00 +0000",
        "Thu, 4 Jan 2024 10:00:00 +0700 (ICT)",
        "Thu,4 Jan 2024 10:00:00 +07:00",
        "4 January 2024 10:00:00 ICT",
        "Thu, 4 Jan 24 10:00:00 +0700",
        "Thu, 4 Jan 124 10:00:00 +0700",
        "Wed, 3 Jan 2024 22:00:00 EST",
        "Thu, 4-Jan-2024 10.00.00 +0700",
        "Thu Jan  4 03:00:00 2024",
        "Thu Jan  4 10:00:00 +0700 2024",
        "2024-01-04T10:00:00+07:00",
        "2024-01-04 03:00:00.123 Z",
        "Thứ Năm, 4 Jan 2024 10:00:00 +0700",
        "Thu, 4 Jan 2024 03:00:00",
        "Thu, 4 Jan 2024 03:00:00 -0000",
        "thu, 4 JAN 2024 03:00:00 Z",
    ],
)
def test_dates_as_they_are_written(value: str) -> None:
    assert parse_date(value.encode()) == WHEN


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "30 Feb 2024 10:00:00 +0000",
        "0 Jan 2024 10:00:00 +0000",
        "4 Foo 2024 10:00:00 +0000",
        "4 Jan 2024 10:99:00 +0000",
        "4 Jan 2024 99:00:00 +0000",
        "4 Jan 1800 10:00:00 +0000",
        "1 " * 20_000,
    ],
)
def test_what_is_no_date_gives_none(value: str) -> None:
    assert parse_date(value.encode()) is None


def test_an_absurd_zone_still_gives_a_date() -> None:
    assert parse_date(b"Tue, 27 Aug 2002 23:34:28 -1900") is not None
