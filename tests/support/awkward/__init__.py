"""Awkward mail: what real programs, broken programs and attackers send, mixed from a seed.

A message is header fields of some classes, an entity, wrappers around it, and perhaps damage to the
whole. Every class comes up in the first messages, then all are mixed at random; the same number gives
the same message, whatever the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as counting
from itertools import islice
from random import Random

from tests.support.awkward.damage import DAMAGE
from tests.support.awkward.entities import ENTITIES
from tests.support.awkward.headers import HEADERS
from tests.support.awkward.large import LARGE
from tests.support.awkward.wrappers import WRAPPERS

SEED = 2026


@dataclass(frozen=True, slots=True)
class Awkward:
    """name: the classes it is made of, and its number."""

    name: str
    octets: bytes


def messages(count: int, seed: int = SEED) -> list[Awkward]:
    """So many messages, all different; the first ones show every class by itself."""
    return list(islice(_different(seed), count))


def large() -> list[Awkward]:
    """Messages that are awkward by their size, one of each class."""
    return [Awkward(name, make()) for name, make in LARGE.items()]


def classes() -> list[str]:
    return [*HEADERS, *ENTITIES, *WRAPPERS, *DAMAGE, *LARGE]


def _different(seed: int) -> Iterator[Awkward]:
    seen: set[bytes] = set()
    for number in counting():
        made = _message(Random(f"{seed}/{number}"), number)
        if made.octets not in seen:
            seen.add(made.octets)
            yield made


def _message(chance: Random, number: int) -> Awkward:
    shown = [*HEADERS, *ENTITIES, *WRAPPERS, *DAMAGE]
    wanted = {shown[number]} if number < len(shown) else set()
    headers = _some(chance, HEADERS, wanted, most=3) or ["plain heading"]
    (entity,) = wanted & ENTITIES.keys() or {chance.choice(sorted(ENTITIES))}
    wrappers = _some(chance, WRAPPERS, wanted, most=3)
    damage = _some(chance, DAMAGE, wanted, most=1)
    content = ENTITIES[entity](chance)
    for name in wrappers:
        content = WRAPPERS[name](chance, content)
    octets = b"".join(HEADERS[name](chance) for name in headers) + content
    for name in damage:
        octets = DAMAGE[name](chance, octets)
    return Awkward(f"{number}: {', '.join([*headers, entity, *wrappers, *damage])}", octets)


def _some(chance: Random, table: dict[str, object], wanted: set[str], most: int) -> list[str]:
    """The wanted class of this kind; if another is to be shown none; else some at random."""
    if wanted:
        return sorted(wanted & table.keys())
    return [chance.choice(sorted(table)) for _ in range(chance.randint(0, most))]
