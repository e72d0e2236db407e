"""Messages that a remote fails to give, visit after visit: after so many they are passed over."""

from __future__ import annotations

from mailserver.collector.errors import Failed
from mailserver.collector.memory import Where
from mailserver.collector.records import Trouble

# Visits in a row that end at the same message; with their pauses that takes the better part of an hour.
MOST = 10
# What a message can be at fault for: servers answer NO or hang up where they cannot read one.
OF_MESSAGES = frozenset({Trouble.PROTOCOL, Trouble.UNREACHABLE})


class Hurdles:
    """Of one account. One broken message must not keep all that come after it."""

    def __init__(self) -> None:
        self._at: Where | None = None
        self._times = 0

    def too_high(self, where: Where, failed: Failed) -> bool:
        """Count a visit that ended here; whether it was the last one to be tried."""
        if failed.trouble not in OF_MESSAGES:
            return False
        self._times = self._times + 1 if where == self._at else 1
        self._at = where
        return self._times >= MOST
