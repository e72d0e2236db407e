"""The cache of rendered items stays within its budget."""

from __future__ import annotations

from mailserver.imap.fetch.cache import OVERHEAD, RenderCache
from mailserver.imap.fetch.items import Simple
from mailserver.imap.fetch.plan import Run

RUN = Run((Simple.ENVELOPE,))


def cells(count: int, octets: int, first: int = 1) -> dict[int, bytes]:
    return dict.fromkeys(range(first, first + count), b"x" * octets)


def test_what_was_added_is_found_again() -> None:
    cache = RenderCache(100_000)
    cache.add(cache.table(1, RUN), cells(10, 100))
    assert len(cache.table(1, RUN).cells) == 10
    assert cache.octets == 10 * (100 + OVERHEAD)


def test_the_table_used_longest_ago_goes_first() -> None:
    cache = RenderCache(10_000)
    for folder in (1, 2, 3):
        cache.add(cache.table(folder, RUN), cells(10, 200))
        cache.table(1, RUN)
    cache.add(cache.table(4, RUN), cells(10, 200))
    assert cache.octets <= 10_000
    assert cache.table(1, RUN).cells
    assert not cache.table(2, RUN).cells


def test_one_huge_folder_cannot_take_it_all() -> None:
    cache = RenderCache(10_000)
    table = cache.table(1, RUN)
    for first in range(0, 1000, 10):
        cache.add(table, cells(10, 100, first))
    cache.add(table, cells(100, 1000))
    assert cache.octets <= 5_000
