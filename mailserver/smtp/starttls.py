"""STARTTLS (RFC 3207): what the client said in the clear is forgotten, all of it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any, cast

from mailserver.smtp import replies
from mailserver.smtp.greeting import Greeting
from mailserver.smtp.stream import Hangup

log = logging.getLogger(__name__)
HANDSHAKE_TIMEOUT = 60.0  # seconds


class StartTls(Greeting):
    """The upgrade to TLS, over the public `loop.start_tls`, which uvloop has too."""

    async def smtp_STARTTLS(self, argument: str) -> None:
        """Raises Hangup if the handshake fails: nothing can be said any more."""
        context = self.door.settings.tls
        if argument:
            await self.push(replies.NO_ARGUMENT)
        elif self.secured:
            await self.push(replies.TLS_ACTIVE)
        elif context is None:
            await self.push(replies.TLS_UNAVAILABLE)
        else:
            await self.push(replies.READY_FOR_TLS)
            await self._flush()
            await self._upgrade(context)

    async def _upgrade(self, context: ssl.SSLContext) -> None:
        assert self.transport is not None
        self._drop_plaintext()
        try:
            transport = await self.loop.start_tls(
                self.transport, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_TIMEOUT
            )
        except (OSError, asyncio.IncompleteReadError) as error:
            log.info("%s: TLS handshake failed: %s", self.peer, error)
            raise Hangup from error
        if transport is None:
            raise Hangup
        self._adopt(transport)

    def _drop_plaintext(self) -> None:
        """What came before the handshake may be an attacker's (CVE-2011-0411, CVE-2021-33515).

        Nothing can come between this and the first step of `start_tls`, which stops the reading; and
        what comes after the handshake may already be there when `start_tls` returns.
        """
        self._input, self._at = b"", 0
        reader: Any = self._reader
        reader._buffer.clear()

    def _adopt(self, transport: asyncio.Transport) -> None:
        """Speak over the new transport, as after a new connection (RFC 3207 §4.2)."""
        self.transport = transport
        protocol, reader, writer = cast(Any, self), cast(Any, self._reader), cast(Any, self._writer)
        reader._transport = writer._transport = transport
        protocol._replace_writer(writer)
        self.session = self._create_session()
        self.session.peer = transport.get_extra_info("peername")
        self.session.ssl = transport.get_extra_info("sslcontext")
        self._forget_transaction()
