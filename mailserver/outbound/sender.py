"""The loop of the outbound process: take what is due, send it, write down what came of it.

A message stays in the queue in every branch: an attempt that ends in a fault of ours leaves its lease to run
out, a process that dies leaves it to its successor.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailserver.actor import Actor
from mailserver.delivery.budget import Budget
from mailserver.outbound import queue
from mailserver.outbound.connecting import Terms
from mailserver.outbound.connections import Connections
from mailserver.outbound.conversation import Outcomes
from mailserver.outbound.destinations import Destinations
from mailserver.outbound.jobs import Job
from mailserver.outbound.octets import Outgoing, Signer, outgoing, unsigned
from mailserver.outbound.recording import record_tx
from mailserver.outbound.reporting import Original, Writer, Written
from mailserver.outbound.settling import Settled, settle
from mailserver.outbound.transmission import Route, transmit
from mailserver.store import messages
from mailserver.store.errors import StoreError
from mailserver.store.store import Store

log = logging.getLogger(__name__)

# Without any wake-up: for what another machine queued, and for a wake-up that was lost.
LOOK_AGAIN_S = 30.0
# After a fault of our own database.
AFTER_FAILURE_S = 5.0
# Octets of messages in memory at once; each takes about three times its size on its way.
IN_FLIGHT = 32 * 1024 * 1024

ACTOR = Actor(principal_id=None, agency_id=None, door="outbound")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a sender needs to know.

    route: hosts of a destination. together: "" or the name under which all destinations are one (smarthost).
    owner: of the leases, unlike that of any other process. clock: aware UTC; it decides what is due.
    """

    route: Route
    terms: Terms
    owner: str
    clock: Callable[[], datetime]
    together: str = ""
    sign: Signer = unsigned


class Sender:
    """One for a process, on its loop."""

    def __init__(self, store: Store, setup: Setup, destinations: Destinations | None = None) -> None:
        self._store = store
        self._setup = setup
        self._destinations = destinations or Destinations(time.monotonic)
        self._writer = Writer(store.blobs, setup.terms.own_name)
        self._budget = Budget(IN_FLIGHT)
        self._connections = Connections()
        self._tasks: dict[asyncio.Task[None], Job] = {}
        self._kicked = asyncio.Event()

    def kick(self, retried: bool = False) -> None:
        """Look at the queue now; on the loop. retried: also at destinations that rest."""
        if retried:
            self._destinations.wake_all()
        self._kicked.set()

    async def run(self, stop: asyncio.Event, drain_s: float) -> None:
        """Send until `stop`; then let transactions under way end for `drain_s` seconds."""
        keeping = asyncio.create_task(self._keep_leases())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._kicked.clear()
                wait_s = await self._begin_or_wait()
                await self._wait(stopping, wait_s)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=drain_s)
        finally:
            for task in (keeping, stopping, *self._tasks):
                task.cancel()
            await asyncio.gather(keeping, stopping, *self._tasks, return_exceptions=True)
            await self._connections.close()

    async def work_off(self) -> int:
        """Send what is due now, and what becomes due meanwhile; how many jobs that were. For tests and tools."""
        count = 0
        while begun := await self._begin_due():
            count += begun
            await asyncio.gather(*self._tasks)
        await self._connections.close()
        return count

    async def _begin_or_wait(self) -> float:
        """Begin what is due; the seconds after which to look again, if nothing happens before."""
        try:
            await self._begin_due()
            due = await self._store.db.aread(queue.next_due)
        except StoreError as fault:
            log.error("the queue could not be read: %r", fault)
            return AFTER_FAILURE_S
        waits = [LOOK_AGAIN_S]
        rest = self._destinations.next_waking()
        if rest is not None:
            waits.append(rest)
        if due is not None and (until := (due - self._setup.clock()).total_seconds()) > 0:
            waits.append(until)
        return max(min(waits), 0.05)

    async def _wait(self, stopping: asyncio.Task[bool], seconds: float) -> None:
        """Until stop, a kick, the end of a transaction (its place is free), or that long."""
        kicked = asyncio.create_task(self._kicked.wait())
        try:
            awaited: set[asyncio.Task[bool] | asyncio.Task[None]] = {kicked, stopping, *self._tasks}
            await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            kicked.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await kicked

    async def _begin_due(self) -> int:
        """Lease what is due and begin to send it; how many jobs."""
        if self._destinations.free <= 0:
            return 0
        now = self._setup.clock()
        if not await self._store.db.aread(lambda conn: queue.is_due(conn, now)):
            return 0
        owner, together, busy = self._setup.owner, self._setup.together, self._sending_to()
        jobs = await self._store.db.awrite(
            lambda tx: queue.claim_tx(tx, owner, self._destinations, now, together, busy), ACTOR
        )
        for job in jobs:
            self._destinations.begin(job.destination)
            task = asyncio.create_task(self._send(job))
            self._tasks[task] = job
            task.add_done_callback(self._forget)
        return len(jobs)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)

    async def _keep_leases(self) -> None:
        """Renew what is being sent: a transaction may take longer than a lease."""
        while True:
            await asyncio.sleep(queue.LEASE.total_seconds() / 3)
            with contextlib.suppress(StoreError):
                await self._renew(self._sending_to())

    def _sending_to(self) -> list[int]:
        """Ids of the recipients of every transaction under way."""
        return [one for job in self._tasks.values() for one in job.ids]

    async def _renew(self, ids: list[int]) -> None:
        if ids:
            now = self._setup.clock()
            await self._store.db.awrite(lambda tx: queue.renew_tx(tx, self._setup.owner, ids, now), ACTOR)

    async def _send(self, job: Job) -> None:
        reached = False
        try:
            async with self._budget.hold(job.size):
                route, terms, connections = self._setup.route, self._setup.terms, self._connections
                sent = await transmit(job, lambda: self._letter(job), route, terms, connections)
                reached = sent.reached
                await self._record(job, sent.outcomes)
        except StoreError as fault:  # the lease runs out and another attempt begins
            log.error("%s: %s: %r", job.queue_id, job.destination, fault)
        except Exception:
            log.exception("%s: %s", job.queue_id, job.destination)
        finally:
            self._destinations.end(job.destination, reached)

    async def _letter(self, job: Job) -> Outgoing:
        blobs, message_pk = self._store.blobs, job.message_pk
        stored = await self._store.db.aread(lambda conn: messages.read_octets(conn, blobs, message_pk))
        return await asyncio.to_thread(outgoing, stored, self._setup.sign)

    async def _record(self, job: Job, outcomes: Outcomes) -> None:
        now = self._setup.clock()
        settled = [settle(job, one, outcomes[one.recipient_id], now) for one in job.addressees]
        reports = await self._reports(job, settled, now)
        await self._store.db.awrite(lambda tx: record_tx(tx, job, self._setup.owner, settled, reports, now), ACTOR)
        for one in settled:
            told = one.addressee.address, one.state.value, one.outcome.host, one.outcome.answer
            log.info("%s: to=<%s> %s %s: %s", job.queue_id, *told)

    async def _reports(self, job: Job, settled: list[Settled], now: datetime) -> list[Written]:
        if all(one.tell is None for one in settled):
            return []
        about = await self._store.db.aread(lambda conn: Original.read(conn, self._store.blobs, job))
        return await asyncio.to_thread(self._writer.write, job, settled, about, now)
