"""Accounts that are watched, polled, paused, and those that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mailserver.actor import SYSTEM
from mailserver.collector import accounts
from mailserver.collector.collector import Collector
from mailserver.collector.records import Account, Standing, Trouble
from tests.mailserver.collector.conftest import World, letter
from tests.mailserver.imap.conftest import PASSWORD, OpenDoor
from tests.support.dialogue import eventually

Start = Callable[[], Awaitable[Collector]]


@pytest.fixture
async def start(world: World) -> AsyncIterator[Start]:
    """Starts collectors; they are stopped at the end."""
    running: list[asyncio.Task[None]] = []

    async def begin() -> Collector:
        collector = Collector(world.delivery, world.vault, lambda: 0.5)
        running.append(asyncio.create_task(collector.run()))
        return collector

    yield begin
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def standing(world: World, account: Account) -> Standing:
    return world.store.db.read(lambda conn: accounts.standing(conn, account.id))


async def here(world: World, count: int) -> None:
    async def arrived() -> bool:
        return len(await asyncio.to_thread(world.here)) == count

    await eventually(arrived)


async def troubled(world: World, account: Account, trouble: Trouble | None) -> None:
    async def told() -> bool:
        found = await asyncio.to_thread(standing, world, account)
        return found.trouble is trouble and (trouble is not None or found.last_success_at is not None)

    await eventually(told)


@pytest.mark.requirement("R-065")
async def test_mail_is_brought_as_it_comes(world: World, start: Start) -> None:
    world.elsewhere(letter(1))
    account = world.account()
    await start()
    await here(world, 1)
    await troubled(world, account, None)
    for number in (2, 3):
        await asyncio.to_thread(world.elsewhere, letter(number))
        await here(world, number)


async def test_without_idle_it_looks_again_and_again(world: World, open_door: OpenDoor, start: Start) -> None:
    plain = await open_door(hidden=frozenset({"IDLE"}))
    account = world.account(port=plain.port, poll_s=0)
    await start()
    await troubled(world, account, None)
    await asyncio.to_thread(world.elsewhere, letter(1))
    await here(world, 1)


async def test_an_account_added_paused_or_removed_while_it_runs(world: World, start: Start) -> None:
    collector = await start()
    account = world.account()
    world.elsewhere(letter(1))
    await here(world, 1)
    world.store.db.write(lambda tx: accounts.pause_tx(tx, account.id, True), SYSTEM)

    async def idle() -> bool:
        return not collector._loops

    await eventually(idle)
    world.elsewhere(letter(2))
    world.store.db.write(lambda tx: accounts.pause_tx(tx, account.id, False), SYSTEM)
    await here(world, 2)
    world.store.db.write(lambda tx: accounts.remove_tx(tx, account.id), SYSTEM)
    await eventually(idle)


async def test_a_failure_is_told_with_the_next_try_and_mended_at_once(world: World, start: Start) -> None:
    world.elsewhere(letter(1))
    account = world.account(password="sai")
    await start()
    await troubled(world, account, Trouble.LOGIN)
    found = standing(world, account)
    assert found.failures == 1 and "mật khẩu không đúng" in found.detail
    assert found.next_at is not None and found.last_failure_at is not None
    assert (found.next_at - found.last_failure_at).total_seconds() == 300
    secret = world.vault.lock(PASSWORD)
    world.store.db.write(lambda tx: accounts.set_secret_tx(tx, account.id, secret), SYSTEM)
    await here(world, 1)
    await troubled(world, account, None)
    assert standing(world, account).failures == 0


async def test_a_password_of_another_installation_is_told(world: World, start: Start) -> None:
    account = world.account()
    world.store.db.write(lambda tx: accounts.set_secret_tx(tx, account.id, b"from elsewhere"), SYSTEM)
    await start()
    await troubled(world, account, Trouble.SECRET)


async def test_one_account_that_fails_stops_no_other(world: World, start: Start) -> None:
    world.elsewhere(letter(1))
    bad = world.account(login="khongcoai")
    world.account()
    await start()
    await here(world, 1)
    await troubled(world, bad, Trouble.LOGIN)
