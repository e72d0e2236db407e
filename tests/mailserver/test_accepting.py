"""Connections that come to a socket of several processes: each gets its part, and none is lost."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from collections.abc import Iterator

import pytest

from mailserver import accepting
from mailserver.accepting import Listener, Load, Loads, alone

MANY = 20


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(MANY)
        yield sock


class Greeter(asyncio.Protocol):
    """Says who it is, and hangs up."""

    def __init__(self, name: bytes) -> None:
        self.name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.name)
        transport.close()


def connect(listening: socket.socket, count: int) -> list[socket.socket]:
    """Connections that wait to be accepted."""
    return [socket.create_connection(listening.getsockname()) for _ in range(count)]


def serve(listening: socket.socket, load: Load, name: bytes = b"a") -> Listener:
    """As another process does, with a descriptor of its own."""
    return Listener(listening.dup(), lambda: Greeter(name), load, MANY)


async def greeting(client: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(sock=client)
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_what_comes_at_once_is_shared(listening: socket.socket) -> None:
    loads = Loads(2)
    clients = connect(listening, MANY)
    servers = [serve(listening, loads.place(number), b"%d" % number) for number in (0, 1)]
    greetings = await asyncio.gather(*map(greeting, clients))
    assert sorted(greetings) == [b"0"] * (MANY // 2) + [b"1"] * (MANY // 2)
    for server in servers:
        server.close()


async def test_who_has_more_takes_what_the_other_leaves(listening: socket.socket) -> None:
    loads = Loads(2)
    mine = loads.place(0)
    for _ in range(3):
        mine.add()
    loads.place(1)  # a process that does not get round to it
    server = serve(listening, mine)
    clients = connect(listening, MANY)
    assert await asyncio.gather(*map(greeting, clients)) == [b"a"] * MANY
    server.close()


def test_a_process_is_ahead_of_those_with_fewer() -> None:
    loads = Loads(3)
    first, second, third = (loads.place(number) for number in range(3))
    assert not any(one.is_ahead for one in (first, second, third))
    first.add()
    second.add()
    assert [one.is_ahead for one in (first, second, third)] == [True, True, False]
    third.add()
    assert not first.is_ahead
    second.forget()
    assert [one.is_ahead for one in (first, second, third)] == [True, False, True]
    assert not loads.place(0).is_ahead  # the next one in the place of a process that has died
    assert not alone().is_ahead


async def test_a_process_without_descriptors_goes_on_when_it_has_some(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "PAUSE_S", 0.01)
    (client,) = connect(listening, 1)
    server = serve(listening, alone())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(client.fileno())
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))  # this number is the next, and there is none
    try:
        for _ in range(3):
            await asyncio.sleep(0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert await greeting(client) == b"a"
    server.close()


async def test_who_has_closed_takes_no_more(listening: socket.socket) -> None:
    waiting = serve(listening, alone())
    waiting.close()
    waiting.close()
    (client,) = connect(listening, 1)
    other = serve(listening, alone(), b"other")
    assert await greeting(client) == b"other"
    other.close()
