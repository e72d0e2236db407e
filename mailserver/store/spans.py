"""Sets of uids as ascending, disjoint ranges: what has gone from a folder in years is short when written so."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

Spans = list[range]


def joined(numbers: Iterable[int]) -> Spans:
    """The ascending numbers, neighbours joined."""
    found: Spans = []
    for number in numbers:
        if found and found[-1].stop == number:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def gaps(numbers: Iterable[int], end: int) -> Spans:
    """What lies from 1 up to (not with) `end` and is not among the ascending numbers."""
    found: Spans = []
    at = 1
    for number in numbers:
        if number >= end:
            break
        if at < number:
            found.append(range(at, number))
        at = number + 1
    return [*found, range(at, end)] if at < end else found


def common(spans: Spans, bounds: Sequence[tuple[int, int]]) -> Spans:
    """What of the spans lies in one of the ascending, disjoint bounds, each from its first to its last number."""
    found: Spans = []
    at = 0
    for span in spans:
        while at < len(bounds) and bounds[at][1] < span.start:
            at += 1
        inside = at  # a bound may reach into the next span, too
        while inside < len(bounds) and bounds[inside][0] < span.stop:
            low, high = bounds[inside]
            found.append(range(max(low, span.start), min(high + 1, span.stop)))
            inside += 1
    return found


def without(spans: Spans, numbers: Sequence[int], count: int) -> Spans:
    """What of the spans is not among the first `count` of the ascending numbers."""
    found: Spans = []
    for span in spans:
        at = span.start
        for index in range(bisect_left(numbers, span.start, 0, count), bisect_left(numbers, span.stop, 0, count)):
            if at < numbers[index]:
                found.append(range(at, numbers[index]))
            at = numbers[index] + 1
        if at < span.stop:
            found.append(range(at, span.stop))
    return found
