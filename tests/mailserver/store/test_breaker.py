"""A service that is down is asked by one at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailserver.store.breaker import REST_S, Breaker
from mailserver.store.errors import StoreUnavailable


class Service:
    """What is asked; `inside` runs in the middle of a request."""

    def __init__(self) -> None:
        self.now = 0.0
        self.breaker = Breaker(lambda: self.now)
        self.up = True
        self.asked = 0

    def ask(self, inside: Callable[[], object] = lambda: None) -> bool:
        try:
            with self.breaker.request():
                self.asked += 1
                inside()
                if not self.up:
                    raise StoreUnavailable
        except StoreUnavailable:
            return False
        return True


@pytest.fixture
def service() -> Service:
    return Service()


def test_after_a_failure_nobody_asks_for_a_while_and_then_only_one(service: Service) -> None:
    assert service.ask()
    service.up = False
    assert not service.ask()
    assert not service.ask()
    assert service.asked == 2
    service.now += REST_S
    assert not service.ask(inside=lambda: service.ask())
    assert service.asked == 3, "while one asks the others are told at once"


def test_an_answer_lets_everybody_ask_again(service: Service) -> None:
    service.up = False
    service.ask()
    service.up, service.now = True, REST_S
    assert service.ask()
    assert service.ask(inside=lambda: service.ask())
    assert service.asked == 4


def test_a_fault_of_the_one_who_asks_says_nothing_of_the_service(service: Service) -> None:
    with pytest.raises(ZeroDivisionError):
        service.ask(inside=lambda: 1 / 0)
    assert service.ask()
    service.up = False
    service.ask()
    service.up, service.now = True, REST_S
    with pytest.raises(ZeroDivisionError):
        service.ask(inside=lambda: 1 / 0)
    assert service.ask(), "the one who asked for all has let go"
