"""MTA-STS policies of other domains: found by DNS, fetched by HTTPS, kept as long as they say (RFC 8461 §3.3, §5.1).

Kept in the database: who forgets a policy with each restart forgets it whenever an attacker likes. One that
cannot be fetched now is no reason to keep mail: then the last one holds, or none.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.dns.answers import Answer
from mailserver.outbound.mtasts import BadPolicy, Mode, Policy, parse, policy_id
from mailserver.outbound.policy_fetch import CannotFetch
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds, milliseconds
from mailserver.store.database import Database, Tx

log = logging.getLogger(__name__)

# Fetched again though its id is the same, so that it does not run out while somebody stands in the way
# (RFC 8461 §10.2 asks for this "for example once per day").
REFRESH = timedelta(days=1)
# A policy that could not be fetched is not asked for again so soon (RFC 8461 §3.3).
AFTER_FAILURE = timedelta(minutes=5)
MAX_REMEMBERED = 10_000

ACTOR = Actor(principal_id=None, agency_id=None, door="outbound")

# The policy that holds for a domain. Raises StoreUnavailable.
PolicyOf = Callable[[str], Awaitable[Policy | None]]
# Gets the policy file of a domain. Raises CannotFetch.
Fetch = Callable[[str], Awaitable[bytes]]


class TxtDns(Protocol):
    async def txt(self, name: str) -> Answer[bytes]: ...


async def no_policy(_domain: str) -> Policy | None:
    """Where policies are nobody's business."""
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """A policy as it was fetched. policy_id: of the TXT record then. fetched_at: aware, UTC."""

    policy: Policy
    policy_id: str
    fetched_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.fetched_at + timedelta(seconds=self.policy.max_age)


class Policies:
    """One for a process, on its loop. clock: aware UTC."""

    def __init__(self, db: Database, dns: TxtDns, fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._db, self._dns, self._fetch, self._clock = db, dns, fetch, clock
        self._failed: dict[tuple[str, str], datetime] = {}

    async def of(self, domain: str) -> Policy | None:
        """The policy that holds for a domain now; None: it has none. Raises StoreUnavailable.

        domain: A-label in lower case. What is known holds while DNS or the web server fails.
        """
        now = self._clock()
        known = await self._db.aread(lambda conn: load(conn, domain))
        if known is not None and known.expires_at <= now:
            known = None
        found = policy_id((await self._dns.txt(f"_mta-sts.{domain}")).records)
        if found is not None and (known is None or known.policy_id != found or now - known.fetched_at > REFRESH):
            known = await self._renew(domain, found, now) or known
        return known.policy if known is not None else None

    async def _renew(self, domain: str, found: str, now: datetime) -> Known | None:
        tried = self._failed.get((domain, found))
        if tried is not None and timedelta(0) <= now - tried < AFTER_FAILURE:
            return None
        try:
            policy = parse(await self._fetch(domain))
        except (CannotFetch, BadPolicy) as fault:
            log.warning("the MTA-STS policy of %s cannot be used: %s", domain, fault)
            if len(self._failed) >= MAX_REMEMBERED:
                self._failed.clear()
            self._failed[domain, found] = now
            return None
        known = Known(policy, found, now)
        await self._db.awrite(lambda tx: keep_tx(tx, domain, known), ACTOR)
        return known


def load(conn: Connection, domain: str) -> Known | None:
    query = "SELECT mode, hosts, max_age, policy_id, fetched_at FROM outbound_policy WHERE domain = ?"
    found = raw.row(conn, query, (domain,))
    if found is None:
        return None
    mode, hosts, max_age, id_, fetched = found
    return Known(Policy(Mode(mode), tuple(hosts.split()), max_age), id_, from_milliseconds(fetched))


def keep_tx(tx: Tx, domain: str, known: Known) -> None:
    """In the place of the one before."""
    policy = known.policy
    facts = (policy.mode.value, " ".join(policy.hosts), policy.max_age, known.policy_id)
    raw.run(
        tx.conn,
        "INSERT INTO outbound_policy (domain, mode, hosts, max_age, policy_id, fetched_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (domain) DO UPDATE SET mode = excluded.mode,"
        " hosts = excluded.hosts, max_age = excluded.max_age, policy_id = excluded.policy_id,"
        " fetched_at = excluded.fetched_at, expires_at = excluded.expires_at",
        (domain, *facts, milliseconds(known.fetched_at), milliseconds(known.expires_at)),
    )


def forget_tx(tx: Tx, now: datetime) -> int:
    """Delete the policies that have run out; how many."""
    return raw.run(tx.conn, "DELETE FROM outbound_policy WHERE expires_at <= ?", (milliseconds(now),))
