"""So many at once, and nobody waits for a scanner that is down."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailserver.scanning.found import NoAnswer, Why
from mailserver.scanning.guard import FAILURES, REST_S, Guard


class Scanner:
    """Answers, or does not; counts."""

    def __init__(self) -> None:
        self.fault: NoAnswer | None = None
        self.asked = self.probed = 0
        self.now = 0.0
        self.guard = Guard("test", 2, self.probe, lambda: self.now, patience_s=0.01)

    def probe(self, _seconds: float) -> None:
        self.probed += 1
        if self.fault is not None:
            raise self.fault

    def question(self) -> str:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return "clean"

    def ask(self) -> str | Why:
        try:
            return self.guard.ask(self.question)
        except NoAnswer as fault:
            return fault.why


@pytest.fixture
def scanner() -> Scanner:
    return Scanner()


def test_after_some_failures_nobody_waits_any_more(scanner: Scanner) -> None:
    scanner.fault = NoAnswer(Why.LATE)
    assert [scanner.ask() for _ in range(FAILURES + 5)] == [Why.LATE] * FAILURES + [Why.DOWN] * 5
    assert (scanner.asked, scanner.probed) == (FAILURES, 0)


def test_one_looks_now_and_then_and_all_go_on_when_it_is_back(scanner: Scanner) -> None:
    scanner.fault = NoAnswer(Why.DOWN)
    for _ in range(FAILURES):
        scanner.ask()
    scanner.now += REST_S
    assert [scanner.ask(), scanner.ask()] == [Why.DOWN, Why.DOWN]
    assert (scanner.asked, scanner.probed) == (FAILURES, 1)
    scanner.fault, scanner.now = None, scanner.now + REST_S
    assert [scanner.ask() for _ in range(3)] == ["clean"] * 3
    assert scanner.probed == 2


def test_a_failure_between_answers_is_forgotten(scanner: Scanner) -> None:
    for _ in range(2 * FAILURES):
        scanner.fault = NoAnswer(Why.LATE)
        assert scanner.ask() is Why.LATE
        scanner.fault = None
        assert scanner.ask() == "clean"


def test_a_message_that_is_too_large_says_nothing_of_the_scanner(scanner: Scanner) -> None:
    scanner.fault = NoAnswer(Why.TOO_LARGE)
    assert {scanner.ask() for _ in range(2 * FAILURES)} == {Why.TOO_LARGE}


def test_no_more_ask_at_once_than_there_are_places(scanner: Scanner) -> None:
    inside, go = threading.Barrier(3), threading.Event()

    def slow() -> str:
        inside.wait(60)
        go.wait(60)
        return "clean"

    with ThreadPoolExecutor(2) as pool:
        busy = [pool.submit(scanner.guard.ask, slow) for _ in range(2)]
        inside.wait(60)
        assert scanner.ask() is Why.BUSY
        go.set()
        assert [one.result(60) for one in busy] == ["clean"] * 2
    assert scanner.ask() == "clean"
