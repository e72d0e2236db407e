"""An account's loop: visit, watch or wait, visit again; after a failure wait longer each time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from mailserver.actor import SYSTEM
from mailserver.collector import memory
from mailserver.collector.backoff import pause
from mailserver.collector.errors import Failed, NoSuchAccount
from mailserver.collector.hurdles import Hurdles
from mailserver.collector.passes import Pass, errand
from mailserver.collector.records import Account, Trouble
from mailserver.collector.remote import Connection, connected
from mailserver.collector.vault import PasswordVault
from mailserver.delivery.delivery import Delivery
from mailserver.store.errors import StoreError

# One IDLE lasts so long at most: servers may drop it after 30 minutes (RFC 2177), some networks much sooner.
WATCH_S = 600.0

log = logging.getLogger(__name__)


class Visits:
    """Of one account, for as long as it stays as it is."""

    def __init__(self, delivery: Delivery, vault: PasswordVault, account: Account, chance: Callable[[], float]) -> None:
        """chance: a random number from 0 up to 1."""
        self._delivery, self._vault, self._account, self._chance = delivery, vault, account, chance
        self._failures = 0
        self._hurdles = Hurdles()

    async def run(self) -> None:
        """Until cancelled, or the account is gone."""
        while True:
            try:
                await self._visit()
                seconds = self._account.wish.poll_s * (0.9 + self._chance() / 5)
            except NoSuchAccount:
                return
            except Failed as failed:
                seconds = await self._note(failed)
            except StoreError as fault:
                seconds = await self._note(Failed(Trouble.STORE, type(fault).__name__))
            except Exception:
                log.exception("account %d", self._account.id)
                seconds = await self._note(Failed(Trouble.INTERNAL))
            await asyncio.sleep(seconds)

    async def _visit(self) -> None:
        """Collect, and go on for as long as the remote lets us watch."""
        password = self._vault.open(self._account.secret)
        async with connected(self._account.wish.remote, password) as remote:
            while True:
                await self._collect(remote)
                if not remote.can_idle:
                    await remote.goodbye()
                    return
                await remote.news(self._watch_s())

    async def _collect(self, remote: Connection) -> None:
        """One pass over every folder; the first comes last, because it is watched afterwards."""
        on = await errand(self._delivery, self._account)
        for name in reversed(self._account.wish.folders):
            await Pass(self._delivery, remote, on, name, self._hurdles).run()
        await self._delivery.store.db.awrite(lambda tx: memory.success_tx(tx, self._account.id), SYSTEM)
        self._failures = 0

    def _watch_s(self) -> float:
        """Folders that cannot be watched are looked into as often as if nothing were."""
        alone = len(self._account.wish.folders) == 1
        return WATCH_S if alone else min(WATCH_S, self._account.wish.poll_s)

    async def _note(self, failed: Failed) -> float:
        """Keep what went wrong for the administrator; seconds until the next visit."""
        self._failures += 1
        seconds = pause(failed.trouble, self._failures, self._chance)
        log.warning("account %d: %s %s; again in %d s", self._account.id, failed.trouble, failed.detail, seconds)
        with contextlib.suppress(StoreError):  # the store may be what is away
            await self._delivery.store.db.awrite(
                lambda tx: memory.failure_tx(tx, self._account.id, failed, self._failures, seconds), SYSTEM
            )
        return seconds
