"""Which server an address belongs to, and how hard each destination may be pressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

from mailserver.directory.addresses import domain_name
from mailserver.directory.errors import AddressInvalid

# Transactions at once with one destination, and with all together. Postfix's default_destination_concurrency_limit
# is 20; offices' neighbours are smaller than that.
PER_DESTINATION = 5
IN_ALL = 20
# A destination that could not be reached rests, then is tried with one transaction before the others go.
FIRST_REST_S = 60.0
LONGEST_REST_S = 1800.0


# In front of the number of an identity elsewhere: all its mail goes by one server. In capitals, so that no
# domain that somebody writes is one (`destination_of`).
_VIA = "VIA:"


def via(identity_id: int) -> str:
    """The destination of all mail of an identity elsewhere (`mailserver.directory.external`)."""
    return f"{_VIA}{identity_id}"


def identity_in(destination: str) -> int | None:
    """The identity whose server a destination is; None: it is a domain."""
    return int(destination.removeprefix(_VIA)) if destination.startswith(_VIA) else None


def destination_of(address: str) -> str:
    """The domain of an address as A-label in lower case; what is no domain is kept as it is, and fails in DNS."""
    domain = address.rpartition("@")[2]
    try:
        return domain_name(domain)
    except AddressInvalid:
        return domain.lower()[:255]


class Destinations:
    """How many transactions are under way to each destination, and which of them rest.

    clock: monotonic seconds, so that a jump of the wall clock neither wakes nor silences anybody.
    """

    def __init__(self, clock: Callable[[], float], per_destination: int = PER_DESTINATION, in_all: int = IN_ALL):
        self._clock = clock
        self._per_destination, self._in_all = per_destination, in_all
        self._busy: Counter[str] = Counter()
        # Destination: when it may be tried again, and the rest it is in.
        self._resting: dict[str, tuple[float, float]] = {}

    @property
    def free(self) -> int:
        """How many more transactions may begin, whatever their destination."""
        return self._in_all - self._busy.total()

    def room(self, destination: str) -> int:
        """How many more transactions may begin with this destination."""
        rest = self._resting.get(destination)
        if rest is not None and rest[0] > self._clock():
            return 0
        most = self._per_destination if rest is None else 1
        return max(0, most - self._busy[destination])

    def full(self) -> Collection[str]:
        """The destinations that nothing may begin with."""
        return [one for one in {*self._busy, *self._resting} if self.room(one) == 0]

    def next_waking(self) -> float | None:
        """Seconds until the next destination has rested; None if none rests."""
        waits = [until - self._clock() for until, _ in self._resting.values()]
        return max(0.0, min(waits)) if waits else None

    def wake_all(self) -> None:
        """Let every destination be tried again: somebody knows that it is back."""
        self._resting.clear()

    def begin(self, destination: str) -> None:
        self._busy[destination] += 1

    def end(self, destination: str, reached: bool) -> None:
        """A transaction is over. reached: some host of the destination took part in it."""
        self._busy[destination] -= 1
        if not self._busy[destination]:
            del self._busy[destination]
        if reached:
            self._resting.pop(destination, None)
            return
        until, rest = self._resting.get(destination, (0.0, 0.0))
        if until <= self._clock():  # of several that failed together, one counts
            rest = min(LONGEST_REST_S, rest * 2 or FIRST_REST_S)
            self._resting[destination] = (self._clock() + rest, rest)
