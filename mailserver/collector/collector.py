"""All accounts of an installation: one loop for each that is not paused, as the tables say at any time."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime

from mailserver.collector import accounts
from mailserver.collector.records import Account
from mailserver.collector.vault import PasswordVault
from mailserver.collector.visits import Visits
from mailserver.delivery.delivery import Delivery
from mailserver.store.errors import StoreError
from mailserver.store.events import Event

# Changes are told by the event log; this is for what it could not tell.
LOOK_AGAIN_S = 60.0

log = logging.getLogger(__name__)


class Collector:
    """Runs on one loop. The store's feed must be running; two collectors at once deliver nothing twice."""

    def __init__(self, delivery: Delivery, vault: PasswordVault, chance: Callable[[], float] = random.random) -> None:
        self._delivery, self._vault, self._chance = delivery, vault, chance
        self._changed = asyncio.Event()
        # By account: since when it is as the loop knows it, and the loop.
        self._loops: dict[int, tuple[datetime, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Until cancelled; what is being delivered at that moment is finished."""
        unsubscribe = self._delivery.store.feed.subscribe(self._on_events)
        try:
            while True:
                self._changed.clear()
                try:
                    await self._follow(await self._delivery.store.db.aread(accounts.accounts))
                except StoreError as fault:  # the database is away: look again
                    log.warning("accounts: %r", fault)
                try:
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        finally:
            unsubscribe()
            await self._end(list(self._loops))

    def _on_events(self, events: list[Event]) -> None:
        if any(event.kind == accounts.CHANGED for event in events):
            self._changed.set()

    async def _follow(self, known: list[Account]) -> None:
        wanted = {account.id: account for account in known if not account.paused}
        await self._end(
            [
                account_id
                for account_id, (since, task) in self._loops.items()
                if account_id not in wanted or wanted[account_id].changed_at != since or task.done()
            ]
        )
        for account_id, account in wanted.items():
            if account_id not in self._loops:
                visits = Visits(self._delivery, self._vault, account, self._chance)
                task = asyncio.create_task(visits.run(), name=f"collector {account_id}")
                self._loops[account_id] = (account.changed_at, task)

    async def _end(self, account_ids: list[int]) -> None:
        tasks = [self._loops.pop(account_id)[1] for account_id in account_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
