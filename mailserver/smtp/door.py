"""What all connections of one door share: settings, services, counts, work under way."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from mailserver.delivery.delivery import Delivery
from mailserver.directory.authenticated import Authenticated
from mailserver.directory.resolve import Resolver
from mailserver.directory.scramexchange import ScramExchange
from mailserver.pace import Pace
from mailserver.senderauth.judge import Judge
from mailserver.smtp.settings import Role, SmtpSettings, session_key
from mailserver.smtp.unacknowledged import Unacknowledged

log = logging.getLogger(__name__)

T = TypeVar("T")


class SignIn(Protocol):
    """Ways to sign in, as `Authenticator` has them; all raise the LoginRefused family."""

    async def averify(self, login: str, password: str, door: str, remote: str = "") -> Authenticated: ...

    async def astands(self, known: Authenticated) -> bool: ...

    def scram(self, *, plus: bool, bindings: Mapping[str, bytes], door: str, remote: str = "") -> ScramExchange: ...


class Open(Protocol):
    """A connection as its door sees it."""

    def close_if_idle(self) -> None: ...

    def cut(self) -> None: ...


_numbers = itertools.count()


class Door:
    """One listening role and everything its connections need."""

    def __init__(
        self,
        role: Role,
        *,
        resolver: Resolver,
        delivery: Delivery,
        settings: SmtpSettings,
        sign_in: SignIn | None = None,
        judge: Judge | None = None,
    ) -> None:
        """sign_in: needed for submission, unused elsewhere. judge: for the MX; None looks at no sender."""
        if role.is_submission and sign_in is None:
            raise ValueError(f"{role.value} needs a way to sign in")
        self.role = role
        self.resolver = resolver
        self.delivery = delivery
        self.settings = settings
        self.sign_in = sign_in
        self.judge = judge if role is Role.MX else None
        self.unacknowledged = Unacknowledged()
        self.connections: set[Open] = set()
        self.draining = False
        self._empty = asyncio.Event()
        self._sessions: Counter[str] = Counter()
        self._arrivals = Pace(settings.max_connections_a_minute, 60)
        self._messages = Pace(settings.max_messages_a_minute, 60)
        self._mail_of = Pace(settings.max_mail_of_a_mailbox, 600)
        self._returns_of = Pace(settings.max_returns_of_a_sender, 600)
        self._alarms = Pace(1, 600)
        self._work: set[asyncio.Task[Any]] = set()

    def admit(self, peer: str) -> bool:
        """Count a session in; False if its address has too many or comes too often (then it is not counted)."""
        key = session_key(peer)
        if self._sessions[key] >= self.settings.max_sessions_per_address or not self._arrivals.take(key):
            return False
        self._sessions[key] += 1
        return True

    def release(self, peer: str) -> None:
        """Count an admitted session out."""
        key = session_key(peer)
        self._sessions[key] -= 1
        if not self._sessions[key]:
            del self._sessions[key]

    def may_begin(self, peer: str) -> bool:
        """Whether this stranger may begin one more message now."""
        return self._messages.take(session_key(peer))

    def has_room(self, addressee: int | None) -> bool:
        """Whether one more message from a stranger may come to a principal now; a flood is told in the log."""
        if self._mail_of.take(addressee):
            return True
        if self._alarms.take(addressee):
            log.warning("a flood of mail for principal %s: what strangers send is put off", addressee)
        return False

    def may_return(self, sender: str) -> bool:
        """Whether one more report may go back now to somebody elsewhere whose mail went on from here."""
        return self._returns_of.take(sender.lower())

    def entered(self, connection: Open) -> None:
        self.connections.add(connection)
        self._empty.clear()

    def left(self, connection: Open) -> None:
        self.connections.discard(connection)
        if not self.connections:
            self._empty.set()

    async def emptied(self, within: float) -> None:
        """Wait until all connections have gone, at most `within` seconds."""
        if self.connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), within)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start work that must come to its end whatever becomes of the connection."""
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def finish_work(self, within: float) -> None:
        """Wait for spawned work, at most `within` seconds."""
        if self._work:
            await asyncio.wait(self._work, timeout=within)

    @staticmethod
    def new_id() -> str:
        """A name for a message in the log and in its trace field; unique on this machine."""
        return f"{time.time_ns() // 1000:x}.{next(_numbers) & 0xFFFF:x}"
