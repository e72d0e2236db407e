"""An SMTP door that listens: `SmtpServer(role, …).serve(sock)`, later `drain(within)`."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace

from mailserver.accepting import Listener, Load, alone
from mailserver.delivery.delivery import Delivery
from mailserver.directory.resolve import Resolver
from mailserver.senderauth.judge import Judge
from mailserver.smtp.chunking import Chunking
from mailserver.smtp.door import Door, SignIn
from mailserver.smtp.settings import Role, SmtpSettings

log = logging.getLogger(__name__)
BACKLOG = 512


class SmtpServer:
    """One role on any number of listening sockets of one process."""

    def __init__(
        self,
        role: Role,
        *,
        resolver: Resolver,
        delivery: Delivery,
        settings: SmtpSettings,
        sign_in: SignIn | None = None,
        judge: Judge | None = None,
        load: Load | None = None,
    ) -> None:
        """sign_in: an `Authenticator`, for the submission roles. judge: of senders, for the MX. load: of this process
        beside others that accept from the same sockets.

        Raises ValueError for a role without what it needs (a way to sign in, TLS).
        """
        if role is Role.SUBMISSIONS and settings.tls is None:
            raise ValueError("submissions needs TLS")
        self.door = Door(role, resolver=resolver, delivery=delivery, settings=settings, sign_in=sign_in, judge=judge)
        self._load = load or alone()
        self._listeners: list[Listener] = []

    async def serve(self, sock: socket.socket) -> None:
        """Accept connections on a bound socket; returns once it listens."""
        implicit = self.door.settings.tls if self.door.role is Role.SUBMISSIONS else None
        self._listeners.append(Listener(sock, lambda: Chunking(self.door), self._load, BACKLOG, implicit))
        log.info("%s listens on %s", self.door.role.value, sock.getsockname())

    def announce(self, size_limit: int) -> None:
        """Take messages of so many octets on the wire from now on; 0: of any size."""
        self.door.settings = replace(self.door.settings, size_limit=size_limit)

    async def drain(self, within: float) -> None:
        """Stop: no new connections, idle ones are told 421, messages under way come to their end.

        within: seconds, after which connections that are still in a command are cut.
        """
        for listener in self._listeners:
            listener.close()
        self.door.draining = True
        for connection in list(self.door.connections):
            connection.close_if_idle()
        deadline = asyncio.get_running_loop().time() + within
        await self.door.emptied(within)
        for connection in list(self.door.connections):
            connection.cut()
        await self.door.finish_work(max(0.0, deadline - asyncio.get_running_loop().time()))
