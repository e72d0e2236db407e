"""From the queue to servers elsewhere: real sockets, aiosmtpd on the other side."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import dkim
import pytest

from mailserver.outbound.connecting import Patience
from mailserver.outbound.routes import Host
from mailserver.senderauth import keys
from mailserver.senderauth.signing import Signer
from mailserver.store import fsck
from tests.mailserver.outbound.conftest import LETTER, QUICK, Sinks, World


async def test_a_letter_arrives_octet_for_octet_and_the_queue_is_empty(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    world.send("ba@far.test")
    assert await world.work_off(sink.port) == 1
    (got,) = sink.got
    assert (got.sender, got.recipients) == ("an@sct.test", ("ba@far.test",))
    assert got.octets.startswith(b"Received: by mail.sct.test")
    assert got.octets.endswith(LETTER)
    assert b"Return-Path" not in got.octets
    (mail,) = world.all()
    (recipient,) = mail.recipients
    assert (recipient.state, recipient.answer) == ("sent", "250 2.0.0 Ok: taken as 1")
    assert not mail.is_open
    assert world.pins() == [0]
    assert fsck.check(world.store.db, world.store.blobs) == []
    assert await world.work_off(sink.port) == 0


async def test_recipients_of_a_domain_share_a_transaction_and_each_has_its_answer(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"b@far.test": "550 5.1.1 no such user", "c@far.test": "450 4.2.1 later"})
    world.send("a@far.test", "b@far.test", "c@far.test", "d@far.test")
    await world.work_off(sink.port)
    assert sink.recipients() == [("a@far.test", "d@far.test")]
    assert world.states() == {
        "a@far.test": "sent",
        "b@far.test": "failed",
        "c@far.test": "waiting",
        "d@far.test": "sent",
    }
    assert world.recipients()["b@far.test"].answer == "550 5.1.1 no such user"
    assert world.pins()[0] == 1
    sink.rcpt.clear()
    world.clock.advance(minutes=4)
    assert await world.work_off(sink.port) == 0
    world.clock.advance(minutes=1)
    assert await world.work_off(sink.port) == 1
    assert sink.recipients()[1:] == [("c@far.test",)]
    assert world.pins()[0] == 0


async def test_too_many_recipients_are_sent_in_the_next_transaction(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"c@far.test": "452 4.5.3 Too many recipients"})
    world.send("a@far.test", "c@far.test")
    sender = world.sender(sink.port)
    sending = asyncio.create_task(sender.work_off())
    await sink.until(lambda: bool(sink.got))
    sink.rcpt.clear()
    await sending
    assert sink.recipients() == [("a@far.test",), ("c@far.test",)]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"greeting": "421 4.3.2 closing"}, "421 4.3.2 closing"),
        ({"greeting": "554 5.7.1 no mail from you"}, "554 5.7.1 no mail from you"),
        ({"mail": "451 4.3.0 not now"}, "451 4.3.0 not now"),
        ({"data": "452 4.3.1 disk full"}, "452 4.3.1 disk full"),
    ],
)
async def test_what_is_refused_for_now_stays(world: World, sinks: Sinks, answers: dict[str, str], words: str) -> None:
    sink = await sinks.open(**answers)
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert (world.recipients()["ba@far.test"].answer, world.states()) == (words, {"ba@far.test": "waiting"})
    sink.greeting = sink.mail = sink.data = ""
    world.clock.advance(minutes=5)
    await world.work_off(sink.port)
    assert world.states() == {"ba@far.test": "sent"}
    assert len(sink.got) == 1


@pytest.mark.parametrize("answers", [{"mail": "550 5.7.1 not you"}, {"data": "554 5.7.1 spam"}])
async def test_what_is_refused_for_good_goes_back(world: World, sinks: Sinks, answers: dict[str, str]) -> None:
    sink = await sinks.open(**answers)
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert world.states() == {"ba@far.test": "failed"}
    assert len(world.office.mail("an")) == 1


async def test_nobody_listens(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    await sink.stop()
    world.send("ba@far.test")
    await world.work_off(sink.port)
    recipient = world.recipients()["ba@far.test"]
    assert (recipient.state, recipient.attempts) == ("waiting", 1)
    assert "mx.far.test [127.0.0.1]" in recipient.answer


async def test_a_connection_cut_after_the_dot_is_tried_again(world: World, sinks: Sinks) -> None:
    """Without the 250 nobody knows: twice is better than not at all."""
    sink = await sinks.open(cut=True)
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert world.states() == {"ba@far.test": "waiting"}
    assert "lost" in world.recipients()["ba@far.test"].answer
    sink.cut = False
    world.clock.advance(minutes=5)
    await world.work_off(sink.port)
    assert world.states() == {"ba@far.test": "sent"}


async def test_a_server_that_hangs_costs_patience_and_nothing_else(world: World, sinks: Sinks) -> None:
    silent = asyncio.Event()
    sink = await sinks.open(hang=silent)
    world.send("ba@far.test")
    await world.work_off(sink.port, patience=Patience(connect=30.0, reply=30.0, data=0.05, slowest=1e9))
    assert world.states() == {"ba@far.test": "waiting"}
    silent.set()


async def test_the_next_host_takes_what_the_first_does_not(world: World, sinks: Sinks) -> None:
    first = await sinks.open("127.0.0.2", greeting="421 4.3.2 busy")
    second = await sinks.open("127.0.0.3", first.port)
    world.hosts = [
        Host("down.test", ("127.0.0.4",)),
        Host("busy.test", ("127.0.0.2",)),
        Host("good.test", ("127.0.0.4", "127.0.0.3")),
    ]
    world.send("ba@far.test")
    await world.work_off(first.port)
    assert (len(first.got), len(second.got)) == (0, 1)
    assert world.recipients()["ba@far.test"].host == "good.test"


async def test_ipv6(world: World, sinks: Sinks) -> None:
    sink = await sinks.open("::1")
    world.hosts = [Host("six.test", ("::1",))]
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert len(sink.got) == 1


async def test_a_destination_gets_no_more_connections_than_its_share(world: World, sinks: Sinks) -> None:
    silent = asyncio.Event()
    sink = await sinks.open(hang=silent)
    for number in range(12):
        world.send(f"a{number}@far.test")
    sender = world.sender(sink.port, patience=replace(QUICK, data=60.0))
    sending = asyncio.create_task(sender.work_off())
    await sink.until(lambda: sink.open >= 5)
    silent.set()
    await sending
    assert (len(sink.got), sink.most_open) == (12, 5)


async def test_a_destination_that_cannot_be_reached_rests(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(greeting="421 busy")
    world.send("a@far.test")
    sender = world.sender(sink.port)
    await sender.work_off()
    world.send("b@far.test")
    assert await sender.work_off() == 0
    assert sink.connections == 1
    sink.greeting = ""
    world.clock.advance(minutes=6)
    assert await sender.work_off() == 2


async def test_our_own_fault_leaves_the_lease_to_run_out(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    world.send("ba@far.test")

    def broken(_octets: bytes) -> bytes:
        raise RuntimeError("no key")

    world.sign = broken
    await world.work_off(sink.port)
    assert (sink.got, world.states()) == ([], {"ba@far.test": "waiting"})
    world.sign = lambda octets: octets
    assert await world.work_off(sink.port) == 0
    world.clock.advance(minutes=3)
    assert await world.work_off(sink.port) == 1
    assert len(sink.got) == 1


async def test_the_loop_sends_what_comes_and_ends_when_told(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    sender, stop = world.sender(sink.port), asyncio.Event()
    running = asyncio.create_task(sender.run(stop, 60.0))
    for number in range(3):
        await asyncio.to_thread(world.send, f"a{number}@far.test")
        sender.kick()
        await sink.until(lambda: len(sink.got) > number)  # noqa: B023
    stop.set()
    await running
    assert set(world.states().values()) == {"sent"}


async def test_a_transaction_under_way_at_the_end_is_given_time_and_then_left(world: World, sinks: Sinks) -> None:
    silent = asyncio.Event()
    sink = await sinks.open(hang=silent)
    world.send("ba@far.test")
    stop = asyncio.Event()
    running = asyncio.create_task(world.sender(sink.port, patience=replace(QUICK, data=60.0)).run(stop, 0.01))
    await sink.until(lambda: bool(sink.got))
    stop.set()
    await running
    silent.set()
    assert world.states() == {"ba@far.test": "waiting"}


@pytest.mark.requirement("R-092")
async def test_what_leaves_is_signed_by_the_domain_of_its_author(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    keys.ensure(world.store.db)
    world.sign = Signer(world.store.db, world.clock.now).signed
    world.send("ba@far.test")
    await world.work_off(sink.port)
    (octets,) = sink.octets()
    signature, _, rest = octets.partition(b"Received:")
    assert signature.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")
    assert b"d=sct.test;" in signature
    (key,) = world.store.db.read(lambda conn: keys.keys_of(conn, "sct.test"))
    record = f"{key.record_name}.".encode()
    assert dkim.verify(octets, dnsfunc=lambda name, timeout=5: key.record if name == record else None)
    assert rest.endswith(LETTER)
