"""From a destination to the way there: its hosts, and what the domain asks of them by DANE and by MTA-STS.

DANE comes first (RFC 7672 §2.2); MTA-STS may not make up for it (RFC 8461 §2), it holds for the other hosts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from mailserver.dns.answers import Answer, Tlsa
from mailserver.outbound import dane, routes
from mailserver.outbound.connecting import Tls
from mailserver.outbound.mtasts import Mode, Policy
from mailserver.outbound.policies import PolicyOf, no_policy
from mailserver.outbound.routes import Host, NoRouteNow, Way, hosts_of

log = logging.getLogger(__name__)


class Dns(routes.Dns, Protocol):
    async def tlsa(self, name: str) -> Answer[Tlsa]: ...


async def way_of(
    destination: str, dns: Dns, own: Collection[str], policy_of: PolicyOf = no_policy, port: int = 25
) -> Way:
    """The hosts to try, each with the TLS that is due to it. own: names of this server.

    Raises NoRoute, NoRouteNow, StoreUnavailable.
    """
    found = await hosts_of(destination, dns, own)
    asked = await asyncio.gather(*(_by_dane(host, dns, port) for host in found))
    hosts = [host for host in asked if host is not None]
    if not hosts:
        raise NoRouteNow(f"the DNS gives no answer about TLS with the mail servers of {destination} at present")
    if destination.startswith("[") or all(host.tls is Tls.DANE for host in hosts):
        return Way(hosts)
    policy = await policy_of(destination)
    return Way(_under(policy, destination, hosts) if policy is not None else hosts)


async def _by_dane(host: Host, dns: Dns, port: int) -> Host | None:
    """The host with what its TLSA records ask; None if nobody can tell now: somebody may keep them from us.

    Without DNSSEC nobody is asked: some name servers of unsigned domains give no answer (RFC 7672 §2.1).
    """
    if not host.secure:
        return host
    answer = await dns.tlsa(f"_{port}._tcp.{host.name}")
    if answer.failed:
        return None
    if not (answer.found and answer.authentic):
        return host
    records = dane.usable(answer.records)
    return replace(host, tls=Tls.DANE if records else Tls.ENCRYPTED, tlsa=records)


def _under(policy: Policy, destination: str, hosts: Sequence[Host]) -> list[Host]:
    """What a policy leaves. One that is only being tested stops nothing; the log says what it would have stopped."""
    named = [host for host in hosts if host.tls is Tls.DANE or policy.allows(host.name)]
    match policy.mode:
        case Mode.ENFORCE if not named:
            raise NoRouteNow(f"the MTA-STS policy of {destination} names none of its mail servers", "4.7.5")
        case Mode.ENFORCE:
            return [host if host.tls is Tls.DANE else replace(host, tls=Tls.REQUIRED) for host in named]
        case Mode.TESTING:
            if strangers := [host.name for host in hosts if host not in named]:
                log.warning("MTA-STS policy of %s, in testing, does not name %s", destination, ", ".join(strangers))
            return [replace(host, tls=host.tls or Tls.TRIED) for host in hosts]
    return list(hosts)
