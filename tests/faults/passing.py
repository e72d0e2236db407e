"""The figures of a procedure beside what they have to be, and what becomes of a program that misses one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

LOOK_S = 0.02


@dataclass
class Passing:
    """Collects figures; each that is not as it has to be is named in `missed`.

    stretch: every time limit is multiplied by it, for machines of which nobody knows how busy they are.
    """

    stretch: float = 1.0
    figures: dict[str, object] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def tell(self, **figures: object) -> None:
        """Figures that are only told."""
        self.figures |= {name: _short(value) for name, value in figures.items()}

    def at_most(self, limit: float, **figures: float) -> None:
        for name, value in figures.items():
            self.tell(**{name: value})
            if not value <= limit:  # nan is missed too
                self.missed.append(f"{name}: {value} > {limit}")

    def seconds(self, limit: float, **figures: float) -> None:
        """As `at_most`, for times."""
        self.at_most(limit * self.stretch, **figures)

    def at_least(self, limit: float, **figures: float) -> None:
        for name, value in figures.items():
            self.tell(**{name: value})
            if not value >= limit:
                self.missed.append(f"{name}: {value} < {limit}")

    def exactly(self, wanted: object, **figures: object) -> None:
        for name, value in figures.items():
            self.tell(**{name: value})
            if value != wanted:
                self.missed.append(f"{name}: {value!r}, not {wanted!r}")

    @property
    def result(self) -> dict[str, object]:
        return self.figures | {"missed": self.missed, "clean": not self.missed}


def _short(value: object) -> object:
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else str(value)
    return value


def ended(*results: dict[str, object]) -> int:
    """Print one JSON line for each result; the exit status of a program that has these."""
    for result in results:
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return 0 if all(result["clean"] for result in results) else 1


def seconds_until(holds: Callable[[], bool], within: float, since: float | None = None) -> float:
    """Look again and again until `holds`; the seconds since `since` (monotonic; now if None). inf: not `within`."""
    begun, wait = monotonic(), Event()
    since = begun if since is None else since
    while not holds():
        if monotonic() - begun > within:
            return float("inf")
        wait.wait(LOOK_S)
    return monotonic() - since
