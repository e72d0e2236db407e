"""Requests that never end do not hold the web server's threads."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from deploy.processes import patience
from deploy.processes.patience import PatientHttp

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
PATIENCE_S = 60.0


async def length(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with how many octets of body came."""
    octets, more = 0, True
    while more:
        message = await receive()
        octets += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(octets).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "REQUEST_S", 0.3)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that runs as the web process runs it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        started = asyncio.Event()
        config = uvicorn.Config(length, http=PatientHttp, ws="none", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        startup = server.startup

        async def tell(sockets: list[socket.socket] | None = None) -> None:
            await startup(sockets)
            started.set()

        server.startup = tell  # type: ignore[method-assign]
        running = asyncio.create_task(server.serve([listening]))
        await asyncio.wait_for(started.wait(), PATIENCE_S)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await asyncio.wait_for(running, PATIENCE_S)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nslow"],
)
async def test_a_request_that_does_not_come_is_cut(impatient: None, sent: bytes) -> None:
    async with serving() as (reader, writer):
        writer.write(sent)
        try:
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        except ConnectionResetError:
            return


async def test_a_request_in_time_is_answered_and_the_next_one_too() -> None:
    async with serving() as (reader, writer):
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(1) == b"5"


async def test_a_long_body_that_keeps_coming_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    # Many times the pause between two pieces: a busy machine may make one longer.
    monkeypatch.setattr(patience, "REQUEST_S", 4.0)
    async with serving() as (reader, writer):
        piece, pieces = b"x" * 40_000, 8
        writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(piece) * pieces}\r\n\r\n".encode())
        for _ in range(pieces):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.6)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        assert head.startswith(b"HTTP/1.1 200")
