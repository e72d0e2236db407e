"""The event loop of tests, which leaves no socket half closed when it ends."""

from __future__ import annotations

import asyncio
from typing import Any


class EndingLoop(asyncio.SelectorEventLoop):
    """Cuts, when it ends, what somebody has closed and what waits for its peer's last words.

    `close` of a transport over TLS waits for the peer's answer, for how many turns of the loop nobody knows. A loop
    that ends before leaves an open socket, whose warning then fails whichever test runs when it is collected. What
    nobody has closed is left as it is, and its warning is true.
    """

    def close(self) -> None:
        if not self.is_closed():
            for transport in list(self._transports.values()):  # type: ignore[attr-defined]
                if _is_closing(transport):
                    transport.abort()
            self.run_until_complete(asyncio.sleep(0))  # the turn in which sockets are closed
        super().close()


def _is_closing(transport: asyncio.Transport) -> bool:
    above: Any = getattr(transport.get_protocol(), "_app_transport", None)  # what TLS shows of itself
    return transport.is_closing() or (above is not None and above.is_closing())
