"""Memory for messages in flight."""

from __future__ import annotations

import asyncio

from mailserver.delivery.budget import Budget


async def test_who_finds_no_room_waits_and_nobody_overtakes() -> None:
    budget, order, leave = Budget(100), list[str](), {name: asyncio.Event() for name in "abcd"}

    async def hold(name: str, octets: int) -> None:
        async with budget.hold(octets):
            order.append(name)
            await leave[name].wait()

    async def settled() -> list[str]:
        for _ in range(10):
            await asyncio.sleep(0)
        return order

    tasks = [asyncio.create_task(hold(*one)) for one in (("a", 60), ("b", 30), ("c", 500), ("d", 1))]
    assert await settled() == ["a", "b"]
    leave["a"].set()
    assert await settled() == ["a", "b"]
    leave["b"].set()
    assert await settled() == ["a", "b", "c"]
    leave["c"].set()
    leave["d"].set()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c", "d"]


async def test_who_gives_up_waiting_takes_nothing() -> None:
    budget = Budget(10)
    async with budget.hold(10):
        waiting = asyncio.create_task(budget.hold(5).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(60), budget.hold(10):
        pass
