"""A server on a test's own loop, of which nothing is left open when the test ends.

A loop that ends before a server has seen that its peer is gone leaves an open socket behind, and one that closes a
transport over TLS waits for the peer's answer, for how many turns nobody knows. The warning about such a socket fails
whichever test runs when it is collected.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port on 127.0.0.1 of a server that talks with each peer as `serve` does.

    Hangs up when `serve` returns, or cancels it at the end of the block. context: for TLS from the first octet.
    Raises what `serve` raised, unless that only says that the peer has gone.
    """
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await serve(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError, asyncio.CancelledError):  # the peer has gone, or the test is over
            return
        finally:
            writer.transport.abort()  # closes the socket in the loop's next turn, whoever is at the other end

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        told = await asyncio.gather(*talks, return_exceptions=True)
    for fault in told:
        if isinstance(fault, Exception):
            raise fault
