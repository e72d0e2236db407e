"""How many connections an address, and a user from one address, may hold at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from mailserver.imap.settings import ImapSettings


class Admission:
    """Counts of one process. Trusted networks are not counted: an office behind one NAT address
    opens five connections for every Thunderbird (NethServer #7091)."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._open: Counter[Hashable] = Counter()

    def enter(self, address: str) -> Callable[[], None] | None:
        """Count a connection; the function that gives the place back, None if there is none left."""
        return self._take(address, address, self._settings.connections_per_address)

    def sign_in(self, address: str, principal_id: int) -> Callable[[], None] | None:
        """Count a user's connection, as `enter`."""
        return self._take(address, (address, principal_id), self._settings.connections_per_user)

    def _take(self, address: str, key: Hashable, limit: int) -> Callable[[], None] | None:
        if self._settings.trusts(address):
            return _nothing
        if self._open[key] >= limit:
            return None
        self._open[key] += 1

        def give_back() -> None:
            self._open[key] -= 1
            if self._open[key] <= 0:
                del self._open[key]

        return give_back


def _nothing() -> None:
    """A place that was not counted."""
