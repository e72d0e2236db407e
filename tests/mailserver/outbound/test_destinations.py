"""How hard a destination is pressed."""

from __future__ import annotations

from mailserver.outbound.destinations import Destinations, destination_of
from tests.mailserver.outbound.conftest import Clock


def test_addresses_of_one_domain_share_a_destination() -> None:
    assert destination_of("a@Far.TEST") == destination_of("b@far.test.") == "far.test"
    assert destination_of("a@bộ.vn") == "xn--b-8xm.vn"
    assert destination_of("a@[192.0.2.1]") == "[192.0.2.1]"


def test_each_has_its_share_and_all_together_have_theirs() -> None:
    destinations = Destinations(Clock().monotonic, per_destination=2, in_all=3)
    destinations.begin("a")
    destinations.begin("a")
    assert (destinations.room("a"), destinations.room("b"), destinations.free) == (0, 2, 1)
    assert destinations.full() == ["a"]
    destinations.end("a", reached=True)
    assert destinations.room("a") == 1


def test_one_that_cannot_be_reached_rests_longer_each_time_and_comes_back_carefully() -> None:
    clock = Clock()
    destinations = Destinations(clock.monotonic)

    def fail() -> None:
        destinations.begin("a")
        destinations.end("a", reached=False)

    fail()
    assert destinations.room("a") == 0
    assert destinations.next_waking() == 60.0
    clock.advance(seconds=60)
    assert destinations.room("a") == 1
    fail()
    clock.advance(seconds=60)
    assert destinations.room("a") == 0
    clock.advance(seconds=60)
    assert destinations.room("a") == 1
    for _ in range(12):
        clock.advance(hours=1)
        fail()
    assert destinations.next_waking() == 1800.0
    destinations.begin("a")
    destinations.end("a", reached=True)
    assert destinations.room("a") == 5
    assert destinations.next_waking() is None


def test_several_that_fail_together_make_one_rest() -> None:
    clock = Clock()
    destinations = Destinations(clock.monotonic)
    for _ in range(3):
        destinations.begin("a")
    for _ in range(3):
        destinations.end("a", reached=False)
    assert destinations.next_waking() == 60.0


def test_an_administrator_wakes_all() -> None:
    destinations = Destinations(Clock().monotonic)
    destinations.begin("a")
    destinations.end("a", reached=False)
    destinations.wake_all()
    assert destinations.room("a") == 5
