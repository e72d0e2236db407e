"""A search for inputs whose cost grows faster than their length.

Fragments of the inputs a run has kept are repeated, and the CPU of n, 2n and 4n repetitions compared.
Regular expressions and the methods of `bytes` count here, of which a count of steps sees nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import track

from tests.fuzz.target import load

FRAGMENTS = 200
LONGEST_FRAGMENT = 24  # octets
BASE = 6 * 1024  # octets of the shortest repetition
# Quadrupling the input may cost so many times as much; a quadratic one costs sixteen times.
MOST_GROWTH = 7.0
WORTH_A_LOOK = 0.02  # seconds; below that the clock is too coarse


def report(console: Console, name: str, corpus: Path) -> int:
    """0 if nothing grows too fast, 1 otherwise; the fragments are told."""
    target = load(name)
    found = []
    tried = list(fragments([path.read_bytes() for path in sorted(corpus.iterdir())] or target.seeds()))
    for before, fragment in track(tried, f"{name}: repeating fragments", console=console):
        factor = growth(target.check, before, fragment)
        if factor > MOST_GROWTH:
            found.append(fragment)
            console.print(f"{factor:.1f} times for 4 times {fragment!r} behind {before!r}", markup=False)
    return 1 if found else 0


def fragments(inputs: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(what stands before, what is repeated), always the same for the same inputs."""
    chance = random.Random(1)
    for _ in range(FRAGMENTS):
        raw = chance.choice(inputs)
        start = chance.randrange(len(raw) + 1)
        fragment = raw[start : start + chance.randint(1, LONGEST_FRAGMENT)]
        if fragment:
            yield raw[max(0, start - 200) : start], fragment


def growth(check: Callable[[bytes], None], before: bytes, fragment: bytes) -> float:
    """How many times as much a repetition four times as long costs; the least of three looks, if it is much."""
    times = BASE // len(fragment)
    least = float("inf")
    for _ in range(3):
        long = _cost(check, before + fragment * times * 4)
        if long < WORTH_A_LOOK:
            return 1.0
        least = min(least, long / max(_cost(check, before + fragment * times), WORTH_A_LOOK / 8))
        if least <= MOST_GROWTH:
            break
    return least


def _cost(check: Callable[[bytes], None], raw: bytes) -> float:
    started = time.process_time()
    check(raw)
    return time.process_time() - started
