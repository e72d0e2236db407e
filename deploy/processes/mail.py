"""A mail process: every SMTP, LMTP and IMAP door of the installation on one event loop.

Several such processes accept from the same sockets, each its part of what comes (`accepting`).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

import uvloop

from deploy import build, stores, tls
from deploy.children import Plan
from deploy.config import Settings
from deploy.processes import imap_door, smtp_door
from deploy.processes.stopping import on_signals, reload_tls
from deploy.sockets import Bound, Door
from mailserver.accepting import Load, Loads
from mailserver.directory.verified import Verified
from mailserver.imap.server import ImapServer
from mailserver.smtp.server import SmtpServer
from mailserver.store.wake import PACE_S

# Shorter than the supervisor's patience, so that a slow client does not cost a SIGKILL.
DRAIN_S = 8.0
DOORS = frozenset(Door) - {Door.WEB}
# Seconds that a thread may keep the interpreter while another waits for it. A query gives it away at every row;
# at Python's own 5 ms, a writer beside a busy loop holds the lock of all writers for many of those.
SWITCH_S = 0.0005


class Draining(Protocol):
    """What every server of the mail rooms can do."""

    async def drain(self, within: float, /) -> None: ...


def plans(settings: Settings, bound: Sequence[Bound], verified: Verified) -> list[Plan]:
    """The mail processes; none where no mail door is open. verified: their common memory of passwords."""
    own = [one for one in bound if one.door in DOORS]
    if not own:
        return []
    loads = Loads(settings.processes.mail)

    def plan(number: int) -> Plan:
        def work(ready: Callable[[], None]) -> None:
            uvloop.run(_serve(settings, own, verified, loads.place(number), ready))

        return Plan(f"mail {number + 1}", work)

    return [plan(number) for number in range(settings.processes.mail)]


async def _serve(
    settings: Settings, bound: Sequence[Bound], verified: Verified, load: Load, ready: Callable[[], None]
) -> None:
    sys.setswitchinterval(SWITCH_S)
    context = tls.context(settings)
    stop = on_signals(lambda: reload_tls(context, settings))
    store = stores.open_store(settings, PACE_S)
    authenticator = build.authenticator(settings, store, verified)
    await store.feed.start()
    rules = build.agency_rules(settings, store)
    smtp: list[SmtpServer] = []
    imap: list[ImapServer] = []

    def announce() -> None:
        for door in smtp:
            door.announce(rules.announced_size())
        for other in imap:
            other.announce(imap_door.append_limit(rules))

    rules.follow(store.feed, announce)
    smtp += await smtp_door.open_doors(settings, store, rules, authenticator, context, bound, load)
    imap += await imap_door.open_doors(settings, store, rules, authenticator, context, bound, load)
    servers: list[Draining] = [*smtp, *imap]
    ready()
    await stop.wait()
    await asyncio.gather(*(server.drain(DRAIN_S) for server in servers))
    await store.feed.stop()
    authenticator.close()
    store.close()
