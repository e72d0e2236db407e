"""What administrators do with waiting mail, and what they see."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.outbound import listing
from mailserver.outbound.acts import Act, act_tx, retry_all_tx
from mailserver.outbound.history import prune_tx
from mailserver.outbound.listing import NoSuchOutgoing
from mailserver.outbound.sender import ACTOR
from mailserver.outbound.tracing import trace
from mailserver.store import fsck
from tests.mailserver.outbound.conftest import LETTER, Sinks, World


def act(world: World, what: Act, outbound_id: int, agency_id: int | None = None) -> int:
    admin = Actor(world.office.ids["chi"], world.office.agency_id, "web")
    return world.store.db.write(lambda tx: act_tx(tx, what, outbound_id, agency_id), admin)


def kinds(world: World) -> list[str]:
    story = world.store.db.read(lambda conn: listing.story(conn, world.all()[0].id))
    return [line.kind.value for line in story]


async def test_held_mail_is_not_sent_until_released(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    world.send("ba@far.test")
    number = world.all()[0].id
    assert act(world, Act.HOLD, number) == 1
    assert act(world, Act.HOLD, number) == 0
    world.clock.advance(days=30)
    assert await world.work_off(sink.port) == 0
    assert act(world, Act.RETRY, number) == 0
    assert act(world, Act.RELEASE, number) == 1
    assert await world.work_off(sink.port) == 1
    assert kinds(world) == ["queued", "held", "released", "sent"]


async def test_retry_does_not_wait_for_the_pause(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(data="451 later")
    world.send("ba@far.test")
    await world.work_off(sink.port)
    sink.data = ""
    assert await world.work_off(sink.port) == 0
    assert act(world, Act.RETRY, world.all()[0].id) == 1
    assert await world.work_off(sink.port) == 1
    assert kinds(world) == ["queued", "deferred", "retried", "sent"]


async def test_everything_can_be_retried_at_once(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(data="451 later")
    for number in range(3):
        world.send(f"a{number}@d{number}.test")
    await world.work_off(sink.port)
    sink.data = ""
    assert world.store.db.write(retry_all_tx, ACTOR) == 3
    await world.work_off(sink.port)
    assert set(world.states().values()) == {"sent"}


async def test_deleted_mail_is_gone_and_nobody_is_told(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    world.send("ba@far.test", "tu@other.test")
    assert act(world, Act.DELETE, world.all()[0].id) == 2
    assert await world.work_off(sink.port) == 0
    assert (set(world.states().values()), world.pins(), world.office.mail("an")) == ({"deleted"}, [0], [])
    assert fsck.check(world.store.db, world.store.blobs) == []


async def test_what_the_remote_took_counts_although_it_was_deleted_meanwhile(world: World, sinks: Sinks) -> None:
    silent = asyncio.Event()
    sink = await sinks.open(hang=silent)
    world.send("ba@far.test")
    sending = asyncio.create_task(world.work_off(sink.port))
    await sink.until(lambda: bool(sink.got))
    assert await asyncio.to_thread(act, world, Act.DELETE, 1) == 1
    silent.set()
    await sending
    assert world.states() == {"ba@far.test": "sent"}
    assert world.pins() == [0]


async def test_what_was_held_meanwhile_stays_held_if_the_remote_did_not_take_it(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(data="451 later")
    world.send("ba@far.test")

    def sign(octets: bytes) -> bytes:
        act(world, Act.HOLD, 1)
        return octets

    world.sign = sign
    await world.work_off(sink.port)
    recipient = world.recipients()["ba@far.test"]
    assert (recipient.state, recipient.answer) == ("held", "451 later")


def test_an_administrator_of_another_agency_finds_nothing(world: World) -> None:
    world.send("ba@far.test")
    with pytest.raises(NoSuchOutgoing):
        act(world, Act.DELETE, 1, agency_id=world.office.agency_id + 1)
    with pytest.raises(NoSuchOutgoing):
        act(world, Act.DELETE, 99)
    assert act(world, Act.HOLD, 1, agency_id=world.office.agency_id) == 1

    def read(conn: Connection) -> tuple[int, int, int]:
        own, other = world.office.agency_id, world.office.agency_id + 1
        now = world.clock.now()
        return listing.count(conn, own), listing.count(conn, other), len(listing.waiting(conn, now, other))

    assert world.store.db.read(read) == (1, 0, 0)


def test_acts_stand_in_the_audit(world: World) -> None:
    world.send("ba@far.test")
    act(world, Act.HOLD, 1)
    query = "SELECT action, actor_id FROM audit ORDER BY id DESC LIMIT 1"
    row = world.store.db.read(lambda conn: conn.exec_driver_sql(query).one())
    assert tuple(row) == ("queue.hold", world.office.ids["chi"])


def test_the_list_has_pages_and_counts(world: World) -> None:
    for number in range(5):
        world.send(f"a{number}@far.test")
    act(world, Act.HOLD, 5)

    def read(conn: Connection) -> tuple[list[int], int, dict[str, int]]:
        page = listing.waiting(conn, world.clock.now(), limit=2, offset=2)
        depth = {state.value: count for state, count in listing.depth(conn).items()}
        return [one.id for one in page], listing.count(conn), depth

    assert world.store.db.read(read) == ([3, 4], 5, {"waiting": 4, "held": 1})


async def test_a_trace_tells_of_every_recipients_end(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"tu@far.test": "550 5.1.1 no such user"})
    world.send("ba@far.test", "tu@far.test", "binh@sct.test", "chi@sct.test")
    await world.work_off(sink.port)
    found = world.store.db.read(lambda conn: trace(conn, "<1@sct.test>", world.clock.now()))
    (taken,) = found.taken
    assert taken.received.startswith("Received: by mail.sct.test with ESMTPA id queue.1; ")
    assert [one.address for one in taken.arrivals] == ["binh@sct.test", "chi@sct.test"]
    ((outgoing, story),) = found.outgoing
    assert [(one.address, one.state.value) for one in outgoing.recipients] == [
        ("ba@far.test", "sent"),
        ("tu@far.test", "failed"),
    ]
    assert [(line.kind.value, line.address) for line in story] == [
        ("queued", ""),
        ("sent", "ba@far.test"),
        ("failed", "tu@far.test"),
        ("reported", ""),
    ]
    assert world.store.db.read(lambda conn: trace(conn, "other@sct.test", world.clock.now())).is_empty
    foreign = world.office.agency_id + 1
    assert world.store.db.read(lambda conn: trace(conn, "1@sct.test", world.clock.now(), foreign)).is_empty


async def test_history_is_forgotten_when_it_has_been_over_for_long(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"tu@far.test": "450 later"})
    world.send("ba@far.test")
    world.send("tu@far.test", data=LETTER.replace(b"<1@", b"<2@"))
    await world.work_off(sink.port)
    now = world.clock.now()
    world.clock.advance(days=1)
    assert world.store.db.write(lambda tx: prune_tx(tx, now.replace(year=2020)), ACTOR) == 0
    assert world.store.db.write(lambda tx: prune_tx(tx, world.clock.now()), ACTOR) == 1
    assert world.states() == {"tu@far.test": "waiting"}
