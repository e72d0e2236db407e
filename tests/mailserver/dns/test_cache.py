"""The cache keeps what is used, as long as it is good."""

from __future__ import annotations

from mailserver.dns.cache import Cache


def test_what_was_unused_the_longest_goes_first() -> None:
    cache: Cache[str, int] = Cache(2, lambda: 0.0)
    cache.put("a", 1, 10)
    cache.put("b", 2, 10)
    assert cache.get("a") == 1
    cache.put("c", 3, 10)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    assert len(cache) == 2


def test_nothing_is_given_after_its_time() -> None:
    now = 0.0
    cache: Cache[str, int] = Cache(2, lambda: now)
    cache.put("a", 1, 10)
    now = 9.9
    assert cache.get("a") == 1
    now = 10.0
    assert cache.get("a") is None
    assert len(cache) == 0
