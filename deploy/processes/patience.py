"""HTTP connections that do not wait for ever: uvicorn has no limit for a request that never ends.

A page is read by a worker thread as it comes in, so that a dozen clients sending one octet a second
would stop everybody else.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Seconds in which a request's header has to be there, and between two looks at a body.
REQUEST_S = 30.0
# Octets that a body has to bring between two looks: half a kilobyte a second.
LEAST_OCTETS = 15_000


class PatientHttp(HttpToolsProtocol):
    """Cuts a connection whose request comes too slowly; an answer may take as long as it takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._look: asyncio.TimerHandle | None = None
        self._octets = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._watch()

    def on_body(self, body: bytes) -> None:
        self._octets += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._rest()
        super().on_message_complete()

    def _watch(self) -> None:
        """Look again in REQUEST_S whether anything has come."""
        self._rest()
        self._octets = 0
        self._look = self.loop.call_later(REQUEST_S, self._judge)

    def _rest(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _judge(self) -> None:
        # A body is read only as fast as the application takes it: a paused reader is not slow.
        paused = self.flow is not None and self.flow.read_paused
        if self._octets < LEAST_OCTETS and not paused:
            self.transport.abort()
        else:
            self._watch()
