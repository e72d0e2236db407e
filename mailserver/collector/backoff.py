"""How long to wait after a visit that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailserver.collector.records import Trouble


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: the first pause, and the longest."""

    first: float
    longest: float


# A network comes back soon.
SOON = Pace(10.0, 900.0)
# Somebody has to mend these; providers lock accounts after a few wrong passwords.
MENDED = Pace(300.0, 4 * 3600.0)
PACES = {
    Trouble.LOGIN: MENDED,
    Trouble.SECRET: MENDED,
    Trouble.CERTIFICATE: MENDED,
    Trouble.FOLDER: MENDED,
    Trouble.TARGET: MENDED,
}
# Doublings after which the longest pause is reached anyway.
MOST_DOUBLINGS = 20


def pause(trouble: Trouble, failures: int, chance: Callable[[], float]) -> float:
    """Seconds to the next visit; doubled with each failure, and spread by a quarter either way.

    failures: in a row, this one included. chance: a number from 0 up to 1, so that many accounts at one
    provider do not come back together.
    """
    pace = PACES.get(trouble, SOON)
    doubled = pace.first * float(1 << min(max(failures, 1) - 1, MOST_DOUBLINGS))
    return min(doubled, pace.longest) * (0.75 + chance() / 2)
