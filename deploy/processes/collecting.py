"""The collector process: mail that the agency still gets elsewhere. One loop, no listener."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import uvloop

from deploy import build, install, stores
from deploy.children import Plan
from deploy.config import Settings
from deploy.processes.stopping import on_signals
from mailserver.collector.collector import Collector
from mailserver.collector.vault import PasswordVault


def plan(settings: Settings) -> Plan:
    return Plan("collector", lambda ready: uvloop.run(_collect(settings, ready)))


async def _collect(settings: Settings, ready: Callable[[], None]) -> None:
    stop = on_signals(lambda: None)
    store = stores.open_store(settings)
    await store.feed.start()
    rules = build.agency_rules(settings, store)
    rules.follow(store.feed)
    collector = Collector(build.delivery(settings, store, rules), PasswordVault(install.collector_key(settings)))
    running = asyncio.create_task(collector.run())
    ready()
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await store.feed.stop()
    store.close()
