"""When a recipient is tried again and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailserver.outbound.schedule import LIFETIME, is_late, is_over, pause_after

QUEUED = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 240), (8, 240), (5_000, 240)]
)
def test_pauses_double_up_to_four_hours(attempts: int, minutes: int) -> None:
    assert pause_after(attempts) == timedelta(minutes=minutes)


def test_five_days_have_some_thirty_attempts() -> None:
    at, attempts = QUEUED, 1
    while not is_over(QUEUED, attempts, at):
        at += pause_after(attempts)
        attempts += 1
    assert at - QUEUED >= LIFETIME
    assert 30 <= attempts <= 40


def test_a_clock_that_jumps_years_ahead_gives_nothing_up_at_once() -> None:
    later = QUEUED + timedelta(days=3650)
    assert not is_over(QUEUED, 1, later)
    assert is_over(QUEUED, 5, later)
    assert not is_over(QUEUED, 100, QUEUED - timedelta(days=3650))


def test_four_hours_are_late() -> None:
    assert not is_late(QUEUED, QUEUED + timedelta(hours=3, minutes=59))
    assert is_late(QUEUED, QUEUED + timedelta(hours=4))
