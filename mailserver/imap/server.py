"""The IMAP door of one process: listening sockets, sessions, and their orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import replace

import structlog

from mailserver.accepting import Listener, Load, alone
from mailserver.descriptors import is_one_of_the_last
from mailserver.imap import responses
from mailserver.imap.admission import Admission
from mailserver.imap.clock import Clock, LoopClock
from mailserver.imap.connection import Connection
from mailserver.imap.conversation import Conversation
from mailserver.imap.entrance import Entrance
from mailserver.imap.fetch.cache import RenderCache
from mailserver.imap.hub import FolderHub
from mailserver.imap.notify.watch import Watches
from mailserver.imap.services import Authenticate, Scram, Services
from mailserver.imap.session import Session
from mailserver.imap.settings import ImapSettings
from mailserver.policy import Policy, accept_all
from mailserver.store.errors import StoreError
from mailserver.store.events import Event
from mailserver.store.store import Store

_log = structlog.get_logger()
READING_AT_ONCE = 2  # searches that have attachments read, each in child processes
LARGE_AT_ONCE = 4  # large messages being parsed at a time; each is in memory once
BACKLOG = 1024


class ImapServer:
    """Serves sessions on any number of sockets. Make and use it on the event loop; the store's event
    feed must be running."""

    def __init__(
        self,
        store: Store,
        authenticate: Authenticate,
        settings: ImapSettings | None = None,
        *,
        scram: Scram | None = None,
        tls: ssl.SSLContext | None = None,
        policy: Policy = accept_all,
        clock: Clock | None = None,
        load: Load | None = None,
    ) -> None:
        """scram: None leaves SCRAM out. tls: for STARTTLS; None leaves it out. load: of this process beside others
        that accept from the same sockets."""
        settings = settings or ImapSettings()
        self.services = Services(
            store=store,
            hub=FolderHub(store),
            watches=Watches(store.feed),
            cache=RenderCache(settings.cache_octets),
            admission=Admission(settings),
            authenticate=authenticate,
            scram=scram,
            policy=policy,
            settings=settings,
            clock=clock or LoopClock(),
            tls=tls,
            large=asyncio.Semaphore(LARGE_AT_ONCE),
            reading=asyncio.Semaphore(READING_AT_ONCE),
            entrance=Entrance(LoopClock()),
        )
        self._load = load or alone()
        self._listening: list[Listener] = []
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self._checks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] = store.feed.subscribe(self._on_events)

    async def serve(self, sock: socket.socket, context: ssl.SSLContext | None = None) -> None:
        """Accept connections on a listening socket from now on. context: for TLS from the first octet."""
        self._listening.append(Listener(sock, self._make_connection, self._load, BACKLOG, context))

    def announce(self, append_limit: int) -> None:
        """Take messages of so many octets from sessions that begin from now on."""
        self.services = replace(self.services, settings=replace(self.services.settings, append_limit=append_limit))

    @property
    def connections(self) -> int:
        return len(self._sessions)

    async def drain(self, seconds: float) -> None:
        """Accept no more, say BYE to everybody, and return when all are gone or after `seconds`.

        Commands being carried out are finished and answered before.
        """
        for server in self._listening:
            server.close()
        for session in self._sessions:
            session.connection.interrupt("Server is going down", b"UNAVAILABLE")
        if self._sessions:
            await asyncio.wait(self._sessions.values(), timeout=seconds)
        for session, task in list(self._sessions.items()):
            session.connection.abort()
            task.cancel()
        self._unsubscribe()
        self.services.watches.close()
        await self.services.hub.close()

    def _make_connection(self) -> Connection:
        services = self.services
        return Connection(services.clock, services.settings.write_timeout, self._begin)

    def _begin(self, connection: Connection) -> None:
        if is_one_of_the_last(connection.transport.get_extra_info("socket")):
            connection.write(responses.bye("Too many connections, please try again later", b"UNAVAILABLE"))
            connection.close()
            return
        place = self.services.admission.enter(connection.peer)
        if place is None:
            connection.write(responses.bye("Too many connections from your address", b"LIMIT"))
            connection.close()
            return
        session = Session(connection, self.services)
        session.hold(place)
        task = asyncio.get_running_loop().create_task(self._converse(session))
        self._sessions[session] = task
        task.add_done_callback(lambda _task: self._sessions.pop(session, None))

    async def _converse(self, session: Session) -> None:
        try:
            await Conversation(session).run()
        except Exception:
            _log.exception("imap_session_failed", peer=session.connection.peer)
            with contextlib.suppress(Exception):
                session.connection.abort()

    def _on_events(self, events: list[Event]) -> None:
        """Sessions of people whose password, status or grants have changed have to sign in again or
        lose the folder at once (ASVS 7.4.2), IDLE included; so do those who have a mailbox open in which
        other flags become personal. Whoever has signed in with the new password, or opened the folder with
        the new choice, before this news came goes on."""
        affected = {event.owner_id for event in events if event.kind in _ENDING}
        chosen = {event.owner_id: event.data["personal"] for event in events if event.kind == "flags.chosen"}
        granted = {event.owner_id for event in events if event.kind in _RIGHTS}
        if not affected and not granted and not chosen:
            return
        for session in self._sessions:
            if session.signed_in_as(affected):
                self._check_soon(session.check_sign_in())
            elif session.has_open_otherwise(chosen):
                session.connection.interrupt("The choice of personal flags has changed", b"UNAVAILABLE")
            elif session.has_open_of(granted):
                self._check_soon(_check_rights(session))

    def _check_soon(self, check: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(check)
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)


async def _check_rights(session: Session) -> None:
    with contextlib.suppress(StoreError):  # the database is away: the next command asks again
        await session.check_rights()


_RIGHTS = frozenset(("grant.changed", "acl.changed"))
_ENDING = frozenset(("credential.changed", "principal.locked", "principal.left"))
