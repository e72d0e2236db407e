from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.webmail.world import web_settings
from webmail import formats
from webmail.app import create_app
from webmail.services import WebServices

# 17:30 on the 21st in UTC is already the 22nd in the office.
NOW = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _page(services: WebServices, tmp_path: Path) -> Iterator[None]:
    app = create_app(replace(services, clock=lambda: NOW), web_settings(tmp_path / "c"))
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOW, "00:30"),
        (NOW - timedelta(hours=1), "Hôm qua"),
        (NOW - timedelta(days=3), "19/11"),
        (datetime(2025, 1, 2, tzinfo=UTC), "02/01/2025"),
        (int(NOW.timestamp()), "00:30"),
    ],
)
def test_times_in_lists(moment: datetime | int, written: str) -> None:
    assert formats.short_when(moment) == written


@pytest.mark.parametrize(
    ("ago", "written"), [(30, "vừa xong"), (90, "1 phút"), (7300, "2 giờ"), (200_000, "2 ngày"), (-5, "vừa xong")]
)
def test_how_long_something_waits(ago: int, written: str) -> None:
    assert formats.since(NOW - timedelta(seconds=ago)) == written


@pytest.mark.parametrize(
    ("days", "written"), [(None, ""), (-2, "Quá hạn 2 ngày"), (0, "Hạn hôm nay"), (3, "Còn 3 ngày")]
)
def test_deadlines(days: int | None, written: str) -> None:
    assert formats.due(days) == written


def test_days_count_in_the_office() -> None:
    assert formats.days_left(date(2026, 11, 22)) == 0
    assert formats.days_left(None) is None


@pytest.mark.parametrize(("octets", "written"), [(0, "0 B"), (2048, "2 KB"), (10_485_760, "10,0 MB")])
def test_sizes(octets: int, written: str) -> None:
    assert formats.size(octets) == written


def test_numbers_and_names() -> None:
    assert formats.number(2417) == "2.417"
    assert [formats.initials(name) for name in ("Phùng Khắc Trường", "Lê Ân", "", "–", "a")] == [
        "KT",
        "LÂ",
        "?",
        "?",
        "A",
    ]
    assert formats.author("Lê Ân <anl@so.example>") == "Lê Ân"
    assert formats.author("anl@so.example") == "anl@so.example"
    assert 0 <= formats.hue("Lê Ân") < formats.HUES


@pytest.mark.parametrize(
    ("name", "written"),
    [("INBOX", "Hộp thư đến"), ("Archive/2025", "Lưu trữ/2025"), ("Dự án/Sent", "Dự án/Sent"), ("", "")],
)
def test_standard_folders_are_called_as_elsewhere_on_the_pages(name: str, written: str) -> None:
    assert formats.folder(name) == written
