"""The outbound process: sends what waits in the queue to other servers; there is none unless that is enabled.

Killed at any moment it loses nothing: its successor gives back its leases and goes on. Mail whose final dot
the remote had answered a moment before is then sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog
import uvloop

from deploy import build, clock, durable, install, stores
from deploy.children import Plan
from deploy.config import Settings
from deploy.processes.stopping import on_signals
from deploy.submission_servers import routed
from mailserver.collector.vault import PasswordVault
from mailserver.dns.resolver import Dns
from mailserver.outbound import policies, queue
from mailserver.outbound.connecting import Login, Terms, Tls
from mailserver.outbound.history import prune_tx
from mailserver.outbound.octets import Signer, unsigned
from mailserver.outbound.policies import Policies, PolicyOf, no_policy
from mailserver.outbound.policy_fetch import Fetcher
from mailserver.outbound.routes import Host, Way
from mailserver.outbound.sender import ACTOR, Sender, Setup
from mailserver.outbound.transmission import Route
from mailserver.outbound.ways import way_of
from mailserver.store.errors import StoreError
from mailserver.store.events import Event
from mailserver.store.store import Store

# Shorter than the supervisor's patience.
DRAIN_S = 8.0
# History that is over is deleted this often, in seconds.
PRUNE_EVERY_S = 6 * 3600.0
HISTORY_KEPT = timedelta(days=30)
# Events after which there may be something to send.
WAKING, RETRIED = "outbound.", "outbound.retried"
IMPLICIT_TLS_PORT = 465

log = structlog.get_logger("vanthu.outbound")


def plans(settings: Settings) -> list[Plan]:
    if not settings.outbound.enabled:
        return []
    return [Plan("outbound", lambda ready: uvloop.run(_serve(settings, ready)))]


async def _serve(settings: Settings, ready: Callable[[], None]) -> None:
    stop = on_signals(lambda: None)
    store = stores.open_store(settings)
    await store.feed.start()
    owner = await take_over(settings, store)
    dns, verifying = build.dns(settings), ssl.create_default_context()
    known = Policies(store.db, dns, Fetcher(dns, verifying), clock.now)
    usual = setup(settings, owner, build.signer(store).signed, known.of, dns)
    route = routed(usual.route, store.db, lambda: PasswordVault(install.collector_key(settings)), settings.host)
    sender = Sender(store, replace(usual, route=route))

    def look(events: list[Event]) -> None:
        kinds = {event.kind for event in events if event.kind.startswith(WAKING)}
        if kinds:
            sender.kick(retried=RETRIED in kinds)

    store.feed.subscribe(look)
    pruning = asyncio.create_task(_prune(store))
    ready()
    await sender.run(stop, DRAIN_S)
    pruning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await pruning
    await store.feed.stop()
    store.close()


async def take_over(settings: Settings, store: Store) -> str:
    """A name for this process's leases, after giving back those of its dead predecessor.

    The predecessor is dead for certain: one supervisor holds the data folder, and it starts this process
    when the one before has ended.
    """
    place = settings.run_dir / "outbound.owner"
    if place.exists():
        before = place.read_text(encoding="ascii").strip()
        freed = await store.db.awrite(lambda tx: queue.free_tx(tx, before), ACTOR)
        if freed:
            log.info("mail of the process before is sent again", recipients=freed)
    owner = secrets.token_hex(16)
    durable.write(place, owner.encode("ascii"))
    return owner


def setup(
    settings: Settings,
    owner: str,
    sign: Signer = unsigned,
    policy_of: PolicyOf = no_policy,
    dns: Dns | None = None,
) -> Setup:
    """Where and how to send, from the settings. policy_of: of MTA-STS; a smarthost sees to that itself."""
    outbound, smarthost = settings.outbound, settings.outbound.smarthost_at
    if smarthost is None:
        route = by_mx(dns or build.dns(settings), settings.host, policy_of, outbound.port)
        return Setup(route, Terms(settings.host, outbound.port), owner, clock.now, sign=sign)
    login = Login(outbound.user, _password(settings)) if outbound.user else None
    tls = Tls.REQUIRED if login else Tls.OPPORTUNISTIC
    if smarthost.port == IMPLICIT_TLS_PORT:
        tls = Tls.IMPLICIT
    host = Host(smarthost.host, (smarthost.host,))

    async def route_to_smarthost(_destination: str) -> Way:
        return Way([host])

    terms = Terms(settings.host, smarthost.port, tls, login)
    return Setup(route_to_smarthost, terms, owner, clock.now, together=str(smarthost), sign=sign)


def by_mx(dns: Dns, hostname: str, policy_of: PolicyOf, port: int) -> Route:
    own = frozenset((hostname.lower(),))

    async def route(destination: str) -> Way:
        return await way_of(destination, dns, own, policy_of, port)

    return route


def _password(settings: Settings) -> str:
    """Raises OSError if the file cannot be read: without it no mail would go, and somebody must know."""
    if settings.outbound.password_file is not None:
        return settings.outbound.password_file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    return settings.outbound.password.get_secret_value()


async def _prune(store: Store) -> None:
    """Delete history that has been over for long, and policies that have run out."""
    while True:
        try:
            count = await store.db.awrite(lambda tx: prune_tx(tx, clock.now() - HISTORY_KEPT), ACTOR)
            await store.db.awrite(lambda tx: policies.forget_tx(tx, clock.now()), ACTOR)
            if count:
                log.info("old history deleted", messages=count)
        except StoreError as fault:
            log.error("old history was not deleted", reason=repr(fault))
        await asyncio.sleep(PRUNE_EVERY_S)
