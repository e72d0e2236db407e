"""The order in which people come in when many sign in at once: a few at a time, the others in line.

Whoever signs in asks for a lot at first: folders, lists, what is new. Fifty of them on one loop all at
once wait for each other with every command. In line each waits once, at the door, and is then served at
once. Only newcomers count: who has been here for a while keeps nobody out, and waits for nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Hashable

from mailserver.imap.clock import Clock

# Newcomers that one process serves at a time.
AT_ONCE = 2
# Seconds after its sign-in in which a session is a newcomer.
NEW_S = 2.0
# Seconds that one command counts; after that it is waiting for its peer or the disk.
COMMAND_S = 0.25
# Seconds between two commands in which a newcomer is expected to go on.
PAUSE_S = 0.02
# Seconds in line after which anybody comes in.
LONGEST_S = 1.0

Session = Hashable


class Entrance:
    """One per process, on its event loop. now: seconds of a clock that never goes back."""

    def __init__(self, clock: Clock, now: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._now = now
        self._new: dict[Session, float] = {}  # newcomers, and until when they are
        self._served: dict[Session, float] = {}  # those that have asked for something, and until when it counts
        self._line: deque[tuple[Session, asyncio.Future[None]]] = deque()

    async def enter(self, session: Session) -> None:
        """Before a sign-in: wait in line if there is one, or if enough newcomers are being served."""
        if self._line or self._full():
            await self._stand_in_line(session)
        self._new[session] = self._now() + NEW_S

    def begin(self, session: Session) -> None:
        """A session begins a command."""
        until = self._new.get(session)
        if until is None:
            return
        now = self._now()
        if now < until:
            self._served[session] = now + COMMAND_S
        else:
            self.leave(session)

    def end(self, session: Session) -> None:
        """A session's command is answered, or will be for a long time (IDLE)."""
        if session in self._served:
            self._served[session] = self._now() + PAUSE_S

    def leave(self, session: Session) -> None:
        """A session is no newcomer any more: it has ended, or has been here for long enough."""
        if self._new.pop(session, None) is not None and self._served.pop(session, None) is not None:
            self._let_in()

    def _full(self) -> bool:
        now = self._now()
        for session in [session for session, until in self._served.items() if until <= now]:
            del self._served[session]
        return len(self._served) >= AT_ONCE

    async def _stand_in_line(self, session: Session) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        standing = session, place
        if not self._line:
            self._clock.call_later(PAUSE_S, self._look_again)
        self._line.append(standing)
        timer = self._clock.call_later(LONGEST_S, lambda: self._call(standing))
        try:
            await place
        finally:
            timer.cancel()
            with contextlib.suppress(ValueError):
                self._line.remove(standing)

    def _look_again(self) -> None:
        self._let_in()
        if self._line:
            self._clock.call_later(PAUSE_S, self._look_again)

    def _let_in(self) -> None:
        while self._line and not self._full():
            self._call(self._line.popleft())

    def _call(self, standing: tuple[Session, asyncio.Future[None]]) -> None:
        session, place = standing
        if not place.done():
            place.set_result(None)
            self._served[session] = self._now() + PAUSE_S
