"""Ranges of uids do what sets of them do."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mailserver.store import spans
from mailserver.store.spans import Spans

NUMBERS = st.sets(st.integers(1, 40)).map(sorted)


def numbers(ranges: Spans) -> set[int]:
    """What is in them; they are ascending, not empty, and do not touch."""
    assert all(len(span) for span in ranges)
    assert all(before.stop <= after.start for before, after in pairwise(ranges))
    return {number for span in ranges for number in span}


@given(NUMBERS)
def test_neighbours_are_joined(some: list[int]) -> None:
    ranges = spans.joined(some)
    assert numbers(ranges) == set(some)
    assert all(before.stop < after.start for before, after in pairwise(ranges))


@given(NUMBERS, st.integers(1, 50))
def test_gaps_are_what_is_not_there(some: list[int], end: int) -> None:
    assert numbers(spans.gaps(some, end)) == set(range(1, end)) - set(some)


@given(NUMBERS, NUMBERS)
def test_what_two_sets_have_in_common(some: list[int], others: list[int]) -> None:
    bounds = [(span.start, span.stop - 1) for span in spans.joined(others)]
    assert numbers(spans.common(spans.joined(some), bounds)) == set(some) & set(others)


@given(NUMBERS, NUMBERS, st.integers(0, 50))
def test_what_is_left_without_the_first_of_others(some: list[int], others: list[int], count: int) -> None:
    count = min(count, len(others))
    assert numbers(spans.without(spans.joined(some), others, count)) == set(some) - set(others[:count])
