from __future__ import annotations

import pytest

from mailserver.directory import throttle
from mailserver.directory.errors import Throttled
from mailserver.directory.throttle import Throttle, network_of

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
MINH = "minh@sxd.vn"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guarded(clock: Clock) -> Throttle:
    return Throttle(clock=clock)


def fail(guarded: Throttle, times: int, remote: str = HOME, account: str = MINH) -> None:
    for number in range(times):
        guarded.failed(remote, account, f"guess {number}")


def wait(guarded: Throttle, remote: str = HOME, account: str = MINH) -> float:
    """Seconds that an attempt from there would have to wait."""
    try:
        guarded.check(remote, account)
    except Throttled as refusal:
        return refusal.retry_after
    return 0.0


@pytest.mark.parametrize(("failures", "delay"), [(0, 0), (2, 0), (3, 2), (4, 4), (5, 8), (6, 15), (60, 15)])
def test_the_wait_grows_from_2_to_15_seconds(guarded: Throttle, failures: int, delay: float) -> None:
    fail(guarded, failures)
    assert wait(guarded) == delay


def test_whoever_waits_may_try_again(guarded: Throttle, clock: Clock) -> None:
    fail(guarded, 6)
    clock.now += 15
    assert wait(guarded) == 0


def test_a_refused_attempt_does_not_lengthen_the_wait(guarded: Throttle, clock: Clock) -> None:
    fail(guarded, 4)
    for _ in range(10):
        wait(guarded)
    clock.now += 4
    assert wait(guarded) == 0


def test_nobody_can_lock_a_person_out_from_elsewhere(guarded: Throttle) -> None:
    fail(guarded, 1000, ELSEWHERE)
    assert wait(guarded, ELSEWHERE) > 0
    assert wait(guarded, HOME) == 0


def test_an_account_guessed_at_from_everywhere_slows_those_who_have_failed(guarded: Throttle) -> None:
    for number in range(20):
        guarded.failed(f"198.51.{number}.1", MINH, "x")
    assert wait(guarded, "198.51.3.77") == 15
    assert wait(guarded, "198.51.3.77", "another@sxd.vn") == 0
    assert wait(guarded, HOME) == 0


def test_spraying_many_accounts_slows_the_network(guarded: Throttle) -> None:
    for number in range(5):
        guarded.failed(HOME, f"user{number}@sxd.vn", "mùa xuân 2026")
    assert wait(guarded, HOME, "user99@sxd.vn") == 8


def test_the_owner_who_mistyped_is_forgiven_on_success(guarded: Throttle) -> None:
    fail(guarded, 3)
    guarded.succeeded(HOME, MINH)
    assert wait(guarded) == 0


def test_success_with_the_own_account_does_not_forgive_guesses_at_others(guarded: Throttle) -> None:
    fail(guarded, 5, account="director@sxd.vn")
    guarded.succeeded(HOME, MINH)
    assert wait(guarded, account="director@sxd.vn") == 8


def test_a_client_repeating_its_old_password_counts_once(guarded: Throttle) -> None:
    for _ in range(100):
        guarded.failed(HOME, MINH, "the old one")
    assert wait(guarded) == 0


def test_neighbours_of_the_same_network_count_together(guarded: Throttle) -> None:
    fail(guarded, 6, "2001:db8:1:2:aaaa::1")
    assert wait(guarded, "2001:db8:1:2:bbbb::9") == 15
    assert wait(guarded, "2001:db8:1:3::1") == 0


def test_failures_are_forgotten_in_time(guarded: Throttle, clock: Clock) -> None:
    fail(guarded, 6)
    clock.now += throttle.MEMORY + 1
    fail(guarded, 1)
    assert wait(guarded) == 0


def test_trusted_networks_never_wait(clock: Clock) -> None:
    guarded = Throttle(["10.0.0.0/8", "2001:db8::/32"], clock)
    fail(guarded, 50, "10.1.2.3")
    fail(guarded, 50, "2001:db8::5")
    assert wait(guarded, "10.1.2.3") == 0 == wait(guarded, "2001:db8::5")
    fail(guarded, 50, "11.1.2.3")
    assert wait(guarded, "11.1.2.3") == 15


def test_memory_is_bounded(guarded: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MAX_ENTRIES", 50)
    for number in range(500):
        guarded.failed(f"10.{number // 256}.{number % 256}.1", f"user{number}@sxd.vn", "x")
    assert guarded.entries() <= 150


@pytest.mark.parametrize(
    ("remote", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a socket", ""),
    ],
)
def test_the_network_that_answers_for_an_address(remote: str, network: str) -> None:
    assert network_of(remote) == network
