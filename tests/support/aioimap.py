"""The end of an aioimaplib client, which leaves its socket to the garbage collector."""

from __future__ import annotations

import asyncio

import aioimaplib


async def leave(client: aioimaplib.IMAP4) -> None:
    """Log out and return when the socket is closed.

    `close` of a transport over TLS waits for the peer's answer, for how many turns of the loop nobody knows; a loop
    that ends before leaves an open socket, whose warning then fails whichever test runs when it is collected.
    """
    gone = asyncio.Event()
    client.protocol.conn_lost_cb = lambda _exc: gone.set()
    await client.logout()
    client.protocol.transport.abort()
    await gone.wait()
