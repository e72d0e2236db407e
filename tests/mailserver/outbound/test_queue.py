"""Who may send to whom now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import pytest

from mailserver.outbound import queue
from mailserver.outbound.destinations import Destinations
from mailserver.outbound.jobs import Job
from mailserver.outbound.sender import ACTOR
from mailserver.store.database import Tx
from tests.mailserver.outbound.conftest import World


def claim(world: World, owner: str = "one", together: str = "", **limits: int) -> list[Job]:
    destinations = Destinations(world.clock.monotonic, **limits)
    now = world.clock.now()
    return world.store.db.write(lambda tx: queue.claim_tx(tx, owner, destinations, now, together), ACTOR)


def addresses(jobs: list[Job]) -> list[list[str]]:
    return [[one.address for one in job.addressees] for job in jobs]


def test_recipients_of_one_domain_go_together(world: World) -> None:
    world.send("a@far.test", "b@other.test", "c@FAR.test")
    jobs = claim(world)
    assert addresses(jobs) == [["a@far.test", "c@FAR.test"], ["b@other.test"]]
    assert [job.destination for job in jobs] == ["far.test", "other.test"]
    assert (jobs[0].sender, jobs[0].message_id, jobs[0].agency_id) == (
        "an@sct.test",
        "1@sct.test",
        world.office.agency_id,
    )


def test_a_smarthost_takes_all_domains_together(world: World) -> None:
    world.send("a@far.test", "b@other.test")
    (job,) = claim(world, together="relay:25")
    assert (job.destination, len(job.addressees)) == ("relay:25", 2)


def test_what_is_leased_is_nobody_elses_until_the_lease_runs_out(world: World) -> None:
    world.send("a@far.test")
    assert len(claim(world, "one")) == 1
    assert claim(world, "two") == []
    world.clock.advance(minutes=3)
    assert len(claim(world, "two")) == 1


def test_a_lease_that_is_renewed_does_not_run_out(world: World) -> None:
    world.send("a@far.test")
    (job,) = claim(world)
    world.clock.advance(seconds=100)
    world.store.db.write(lambda tx: queue.renew_tx(tx, "one", job.ids, world.clock.now()), ACTOR)
    world.clock.advance(seconds=100)
    assert claim(world, "two") == []


def test_a_dead_process_leaves_its_work_to_its_successor_at_once(world: World) -> None:
    world.send("a@far.test")
    world.send("b@other.test")
    claim(world, "dead", in_all=1)
    claim(world, "alive", in_all=1)
    assert world.store.db.write(lambda tx: queue.free_tx(tx, "dead"), ACTOR) == 1
    assert addresses(claim(world, "successor")) == [["a@far.test"]]


def test_a_destination_has_its_share_and_others_go_past_it(world: World) -> None:
    for number in range(4):
        world.send(f"a{number}@far.test")
    world.send("b@other.test")
    assert [job.destination for job in claim(world, per_destination=2)] == ["far.test", "far.test", "other.test"]
    assert len(claim(world, in_all=1)) == 1


def test_a_resting_destination_is_left_alone(world: World) -> None:
    world.send("a@far.test")
    world.send("b@other.test")
    destinations = Destinations(world.clock.monotonic)
    destinations.begin("far.test")
    destinations.end("far.test", reached=False)
    now = world.clock.now()
    jobs = world.store.db.write(lambda tx: queue.claim_tx(tx, "one", destinations, now), ACTOR)
    assert addresses(jobs) == [["b@other.test"]]


def test_a_hundred_recipients_make_one_transaction_and_no_more(world: World) -> None:
    world.send(*(f"a{number}@far.test" for number in range(150)))
    assert [len(job.addressees) for job in claim(world)] == [100]
    assert [len(job.addressees) for job in claim(world)] == [50]


def test_a_clock_set_back_leaves_nothing_waiting_for_years(world: World) -> None:
    world.send("a@far.test")
    world.clock.advance(days=-3650)
    assert len(claim(world)) == 1
    world.clock.advance(days=-3650)
    assert len(claim(world, "two")) == 1


def test_a_clock_that_jumps_sends_nothing_again_that_is_being_sent(world: World) -> None:
    world.send("a@far.test")
    world.send("b@far.test")
    (job, other) = claim(world)
    for days in (1, -2):
        world.clock.advance(days=days)
        now, destinations = world.clock.now(), Destinations(world.clock.monotonic)
        for busy, left in ((job.ids, [["b@far.test"]]), ([*job.ids, *other.ids], [])):
            found = world.store.db.write(partial(take, now=now, destinations=destinations, busy=busy), ACTOR)
            assert addresses(found) == left
            world.store.db.write(partial(queue.free_tx, owner="jumped"), ACTOR)


def take(tx: Tx, now: datetime, destinations: Destinations, busy: Collection[int]) -> list[Job]:
    return queue.claim_tx(tx, "jumped", destinations, now, busy=busy)


def test_next_due_is_the_nearest_end_of_a_pause_or_a_lease(world: World) -> None:
    assert world.store.db.read(queue.next_due) is None
    world.send("a@far.test")
    due = world.store.db.read(queue.next_due)
    assert due is not None
    assert due <= world.clock.now()
    before = world.clock.now()
    claim(world)
    due = world.store.db.read(queue.next_due)
    assert due is not None
    assert timedelta(seconds=119) < due - before < timedelta(seconds=121)


@pytest.mark.database("postgresql")
def test_two_machines_never_take_the_same_recipient_nor_wait_for_one_another(world: World) -> None:
    for number in range(10):
        world.send(f"a{number}@d{number}.test")

    def take(tx: Tx, owner: str) -> list[Job]:
        return queue.claim_tx(tx, owner, Destinations(world.clock.monotonic, in_all=6), world.clock.now())

    def first_and_then_the_other(tx: Tx) -> list[Job]:
        mine = take(tx, "one")
        # In a transaction of its own, while this one holds its locks: it passes over them and does not wait.
        assert world.store.db.write(lambda other: take(other, "two"), ACTOR) == []
        return mine

    first = world.store.db.write(first_and_then_the_other, ACTOR)
    second = world.store.db.write(lambda tx: take(tx, "two"), ACTOR)
    ids = [one for job in [*first, *second] for one in job.ids]
    assert (len(first), len(second)) == (6, 4)
    assert len(set(ids)) == 10
