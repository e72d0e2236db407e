"""The loop of one connection: greet, take commands one by one, answer every failure, hang up.

The commands themselves are in the modules beside this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re

from mailserver.smtp import replies
from mailserver.smtp.settings import Role
from mailserver.smtp.stream import Hangup, Stream

log = logging.getLogger(__name__)

# Browsers made to speak to a mail port by a web page.
HTTP_VERBS = frozenset({"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "HOST:"})

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class Connection(Stream):
    """A session from greeting to end."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.door.entered(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.door.left(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        try:
            await self._greet()
            while (line := await self._read_line()) is not None:
                await self._execute(line)
                if self.door.draining:
                    await self._say_closing()
        except Hangup:
            pass
        except ConnectionError:
            return
        except Exception:
            log.exception("%s: the session failed", self.peer)
        finally:
            await self._hang_up()

    async def _greet(self) -> None:
        if not self._admitted:
            self._replies.append(replies.TOO_MANY_SESSIONS.encode() + b"\r\n")
            raise Hangup
        if self._is_one_too_many or len(self.door.connections) > self.door.settings.max_sessions:
            self._replies.append(replies.BUSY.encode() + b"\r\n")
            raise Hangup
        protocol = "LMTP" if self.door.role is Role.LMTP else "ESMTP"
        await self.push(f"220 {self.hostname} {protocol} {self.__ident__}")

    async def _hang_up(self) -> None:
        transport = self.transport
        if transport is None:
            return
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._flush()
        transport.close()

    async def _say_closing(self) -> None:
        self._replies.append(replies.SHUTTING_DOWN.encode() + b"\r\n")
        raise Hangup

    async def _execute(self, line: bytes) -> None:
        """One command, whose every failure is answered."""
        verb, _, rest = line.partition(b" ")
        name = verb.decode("latin-1").upper()
        method = self._smtp_methods.get(name)
        if method is None:
            await self._unknown(name)
            return
        try:
            argument = rest.decode().strip(" ")
        except UnicodeDecodeError:
            await self.push(replies.BAD_OCTETS)
            return
        if _CONTROLS.search(argument):
            await self.push(replies.BAD_OCTETS)
            return
        self.busy = True
        try:
            await method(argument)
        except (Hangup, ConnectionError):
            raise
        except Exception:
            log.exception("%s: %s failed", self.peer, name)
            await self.push(replies.OUR_FAULT)
        finally:
            self.busy = False

    async def _unknown(self, name: str) -> None:
        if name in HTTP_VERBS:
            self._replies.append(replies.NOT_SMTP.encode() + b"\r\n")
            raise Hangup
        await self.push(replies.UNKNOWN_COMMAND)

    def close_if_idle(self) -> None:
        """For the end of service: tell a client between two commands; one in a command goes on."""
        if not self.busy and self.transport is not None:
            self.transport.write(replies.SHUTTING_DOWN.encode() + b"\r\n")
            self.transport.close()

    def cut(self) -> None:
        """End it, whatever is going on: 421 (RFC 5321 §3.8), and nothing more is read. A commit under way still
        comes to its end."""
        if self.transport is not None:
            self.transport.write(replies.SHUTTING_DOWN.encode() + b"\r\n")
            self.transport.close()
