"""Connections that have carried a letter, and stay open a moment for the next one to the same server.

RFC 5321 §3.3 lets a client begin another transaction after the reply to the final dot; TLS and signing in are paid for
once.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from aiosmtplib import SMTP

from mailserver.outbound.connecting import Terms, part

# Seconds that nothing is sent, as long as the next transaction takes to begin: others need the server's places too.
IDLE_S = 2.0
# Seconds and letters after which a connection ends all the same, so that changes of the DNS and of keys are seen.
LONGEST_S = 300.0
MOST_LETTERS = 100
# Connections that nothing is sent by, to all servers together.
MOST_IDLE = 20


@dataclass(frozen=True, slots=True)
class Server:
    """Whom a connection leads to. name: its certificate was checked for, where `terms` ask for one that is checked."""

    name: str
    address: str
    terms: Terms


@dataclass(slots=True, eq=False)
class Connection:
    """One that has greeted. letters: that it has carried. since: monotonic seconds."""

    client: SMTP
    server: Server
    since: float = field(default_factory=time.monotonic)
    letters: int = 0


class Connections:
    """Those that nothing is sent by just now; of one process, on its loop."""

    def __init__(self) -> None:
        self._idle: dict[Connection, asyncio.Task[None]] = {}

    def take(self, server: Server) -> Connection | None:
        """One to this server, for the caller alone; None if there is none that the server has left open."""
        for one in [one for one in self._idle if one.server == server]:
            self._idle.pop(one).cancel()
            if one.client.is_connected:
                return one
            one.client.close()
        return None

    async def put(self, connection: Connection) -> None:
        """Keep one that is between two transactions, or end it if it has served long enough."""
        connection.letters += 1
        served = connection.letters >= MOST_LETTERS or time.monotonic() - connection.since >= LONGEST_S
        if served or len(self._idle) >= MOST_IDLE:
            await part(connection.client)
        elif connection.client.is_connected:
            self._idle[connection] = asyncio.create_task(self._end_unused(connection))

    async def _end_unused(self, connection: Connection) -> None:
        await asyncio.sleep(IDLE_S)
        del self._idle[connection]
        await part(connection.client)

    async def close(self) -> None:
        """End them all. Those of the last moment may have begun to part: the process does not wait for these."""
        ending = list(self._idle)
        for one in ending:
            self._idle.pop(one).cancel()
        await asyncio.gather(*(part(one.client) for one in ending))
