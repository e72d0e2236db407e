"""Letters that follow each other to one server go by one connection, as long as it lets them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailserver.outbound import connections
from mailserver.outbound.connecting import Login, Terms, Tls, connect
from mailserver.outbound.connections import Connection, Connections, Server
from tests.mailserver.outbound.conftest import HOST, QUICK, Sinks, World
from tests.support.sink import Sink

THREE = ("a@far.test", "b@far.test", "c@far.test")


async def sent_one_by_one(world: World, sink: Sink) -> int:
    """How many connections it took to send a letter to each of THREE, in one go and without a retry."""
    for address in THREE:
        world.send(address)
    assert await world.sender(sink.port, at_once=1).work_off() == len(THREE)
    assert world.states() == dict.fromkeys(THREE, "sent")
    assert sorted(sink.recipients()) == [(address,) for address in THREE]
    await sink.until(lambda: sink.open == 0)
    return sink.connections


async def test_letters_share_a_connection(world: World, sinks: Sinks) -> None:
    assert await sent_one_by_one(world, await sinks.open()) == 1


async def test_a_server_that_has_had_enough_is_called_again_at_once(world: World, sinks: Sinks) -> None:
    assert await sent_one_by_one(world, await sinks.open(letters_each=2)) == 2


async def test_a_server_that_hangs_up_is_called_again_at_once(world: World, sinks: Sinks) -> None:
    assert await sent_one_by_one(world, await sinks.open(leaving=True)) == 3


async def test_a_connection_carries_so_many_letters(
    world: World, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_LETTERS", 2)
    assert await sent_one_by_one(world, await sinks.open()) == 2


async def test_a_connection_does_not_grow_old(world: World, sinks: Sinks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LONGEST_S", 0)
    assert await sent_one_by_one(world, await sinks.open()) == 3


async def test_after_a_refusal_the_next_letter_has_a_connection_of_its_own(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"a@far.test": "550 5.1.1 no such user"})
    world.send("a@far.test")
    world.send("b@far.test")
    await world.sender(sink.port, at_once=1).work_off()
    assert world.states() == {"a@far.test": "failed", "b@far.test": "sent"}
    assert sink.connections == 2


async def test_what_a_new_connection_is_told_counts_though_an_old_one_was_shut(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(letters_each=1)
    world.send("a@far.test")
    world.send("b@far.test")
    sender = world.sender(sink.port, at_once=1)
    await sender.work_off()
    sink.mail = "550 5.7.1 not you"
    world.send("c@far.test")
    await sender.work_off()
    assert world.states()["c@far.test"] == "failed"


async def kept(sink: Sink) -> tuple[Connections, Server]:
    """A connection to a sink that has carried a letter."""
    server = Server("mx.far.test", "127.0.0.1", Terms(HOST, sink.port, patience=QUICK))
    waiting = Connections()
    await waiting.put(Connection(await connect(server.name, server.address, server.terms), server))
    return waiting, server


async def test_nobody_else_gets_it(sinks: Sinks) -> None:
    waiting, server = await kept(await sinks.open())
    for other in (
        replace(server, name="mx2.far.test"),
        replace(server, address="127.0.0.2"),
        replace(server, terms=replace(server.terms, tls=Tls.REQUIRED)),
        replace(server, terms=replace(server.terms, login=Login("an", "secret"))),
    ):
        assert waiting.take(other) is None
    found = waiting.take(server)
    assert found is not None
    assert waiting.take(server) is None
    found.client.close()


async def test_it_parts_when_no_letter_comes(sinks: Sinks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0)
    sink = await sinks.open()
    waiting, server = await kept(sink)
    await sink.until(lambda: sink.open == 0)
    assert waiting.take(server) is None


async def test_only_so_many_wait(sinks: Sinks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_IDLE", 0)
    sink = await sinks.open()
    waiting, server = await kept(sink)
    assert waiting.take(server) is None
    await sink.until(lambda: sink.open == 0)
