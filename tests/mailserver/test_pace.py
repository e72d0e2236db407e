"""How often something may happen, by a clock that the test turns."""

from __future__ import annotations

from mailserver import pace
from mailserver.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_as_it_drains() -> None:
    clock = Clock()
    bucket = Pace(3, 60, clock)
    assert [bucket.take("a") for _ in range(5)] == [True, True, True, False, False]
    clock.now += 20
    assert [bucket.take("a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]


def test_each_key_has_its_own() -> None:
    bucket = Pace(1, 60, Clock())
    assert [bucket.take(key) for key in ("a", "b", "a")] == [True, True, False]


def test_a_clock_that_stands_still_or_goes_back_lets_nobody_in() -> None:
    clock = Clock()
    bucket = Pace(1, 60, clock)
    assert bucket.take("a")
    clock.now -= 500
    assert not bucket.take("a")


def test_memory_is_bounded() -> None:
    clock = Clock()
    bucket = Pace(1, 60, clock)
    for number in range(pace.MAX_KEYS + 10):
        bucket.take(number)
    assert len(bucket._filled) == pace.MAX_KEYS
    assert not bucket.take(pace.MAX_KEYS)
