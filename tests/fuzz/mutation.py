"""Mutations that are the same on every machine: a short walk of a target for every run of the suite."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random


def mutations(seeds: list[bytes], tokens: list[bytes], count: int, longest: int) -> Iterator[bytes]:
    """So many inputs made of the seeds and tokens, none longer than `longest`."""
    chance = Random(len(seeds))
    for _ in range(count):
        raw = chance.choice(seeds)
        for _ in range(chance.randint(1, 6)):
            raw = _mutated(chance, raw, seeds, tokens)
        yield raw[:longest]


def _mutated(chance: Random, raw: bytes, seeds: list[bytes], tokens: list[bytes]) -> bytes:
    at = chance.randrange(len(raw) + 1)
    until = min(len(raw), at + chance.choice([0, 0, 1, 2, 8, 40]))
    kind = chance.randrange(6)
    if kind <= 2:
        return raw[:at] + chance.choice(tokens) * chance.choice([1, 1, 1, 3, 20]) + raw[until:]
    if kind == 3:
        return raw[:at] + chance.randbytes(chance.randint(1, 4)) + raw[until:]
    if kind == 4:
        return raw[:at] + raw[at:until] * chance.choice([0, 2, 30]) + raw[until:]
    return raw[:at] + chance.choice(seeds)[at:]
