"""Keeping MTA-STS policies (RFC 8461 §3.3, §5.1)."""

from __future__ import annotations

from mailserver.outbound.mtasts import Mode, parse
from mailserver.outbound.policies import ACTOR, Policies, forget_tx, load
from mailserver.store.store import Store
from tests.mailserver.outbound.conftest import Clock
from tests.mailserver.outbound.elsewhere import File, Zone
from tests.mailserver.outbound.test_mtasts import TEXT


async def test_a_policy_is_fetched_once_and_kept_beyond_a_restart_while_dns_fails(store: Store) -> None:
    clock, zone, file = Clock(), Zone(), File()
    policies = Policies(store.db, zone, file, clock.now)
    for _ in range(3):
        assert await policies.of("far.test") == parse(TEXT)
    assert file.asked == 1
    again = Policies(store.db, zone, file, clock.now)
    zone.failing = True
    assert await again.of("far.test") == parse(TEXT)
    assert await again.of("other.test") is None
    assert file.asked == 1


async def test_a_new_id_brings_a_new_policy_and_a_file_that_is_away_leaves_the_old_one(store: Store) -> None:
    clock, zone, file = Clock(), Zone(), File()
    policies = Policies(store.db, zone, file, clock.now)
    await policies.of("far.test")
    zone.record, file.text = b"v=STSv1; id=2;", None
    assert await policies.of("far.test") == parse(TEXT)
    await policies.of("far.test")
    assert file.asked == 2, "not again within five minutes"
    clock.advance(minutes=5)
    file.text = TEXT.replace(b"enforce", b"testing")
    found = await policies.of("far.test")
    assert found is not None
    assert found.mode is Mode.TESTING


async def test_what_is_no_policy_is_as_if_there_were_none(store: Store) -> None:
    assert await Policies(store.db, Zone(), File(b"<html>"), Clock().now).of("far.test") is None


async def test_a_policy_is_fetched_again_every_day_and_ends_with_its_age(store: Store) -> None:
    clock, zone, file = Clock(), Zone(), File(TEXT.replace(b"86400", b"172800"))
    policies = Policies(store.db, zone, file, clock.now)
    await policies.of("far.test")
    clock.advance(hours=25)
    await policies.of("far.test")
    assert file.asked == 2
    zone.record = b""  # as somebody in the way would have it
    clock.advance(hours=47)
    assert await policies.of("far.test") is not None
    clock.advance(hours=2)
    assert await policies.of("far.test") is None


async def test_what_has_run_out_is_deleted(store: Store) -> None:
    clock = Clock()
    await Policies(store.db, Zone(), File(), clock.now).of("far.test")
    assert store.db.write(lambda tx: forget_tx(tx, clock.now()), ACTOR) == 0
    clock.advance(hours=25)
    assert store.db.write(lambda tx: forget_tx(tx, clock.now()), ACTOR) == 1
    assert store.db.read(lambda conn: load(conn, "far.test")) is None
