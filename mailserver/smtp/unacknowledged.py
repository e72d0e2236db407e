"""Messages that were stored while their sender was hanging up, so that it never saw the 250.

It will send them again; for some minutes the same message for the same recipients is then answered
as it was the first time instead of being delivered twice. Only such messages are remembered: mail
whose answer was written costs nothing here.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

# Seconds; senders try again after 5 to 15 minutes.
REMEMBERED_FOR = 1800.0
MOST = 1000

Answers = list[str]
Fingerprint = tuple[str, tuple[str, ...], bytes]


def fingerprint(sender: str, recipients: Sequence[str], data: bytes) -> Fingerprint:
    return sender, tuple(recipients), hashlib.sha256(data).digest()


class Unacknowledged:
    """The deliveries of this process whose answers nobody heard."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[Fingerprint, tuple[float, asyncio.Task[Answers]]] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether there is any: only then is a message worth a fingerprint."""
        now = self._clock()
        while self._known and next(iter(self._known.values()))[0] < now - REMEMBERED_FOR:
            self._known.popitem(last=False)
        return bool(self._known)

    def note(self, mark: Fingerprint, delivery: asyncio.Task[Answers]) -> None:
        """Remember a delivery under way whose client has gone."""
        self._known[mark] = (self._clock(), delivery)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    async def answers(self, mark: Fingerprint) -> Answers | None:
        """What the earlier delivery came to, waited for if need be; None: deliver now.

        A delivery that failed is no answer: the sender was right to try again.
        """
        known = self._known.pop(mark, None)
        if known is None:
            return None
        answers = await asyncio.shield(known[1])
        return answers if any(answer.startswith("2") for answer in answers) else None
