"""From a destination to the way there: its hosts, and what its MTA-STS policy asks of them (RFC 8461 §5)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from mailserver.outbound.connecting import Tls
from mailserver.outbound.mtasts import Mode, Policy
from mailserver.outbound.policies import PolicyOf, no_policy
from mailserver.outbound.routes import Dns, Host, NoRouteNow, Way, hosts_of

log = logging.getLogger(__name__)


async def way_of(destination: str, dns: Dns, own: Collection[str], policy_of: PolicyOf = no_policy) -> Way:
    """The hosts to try, each with the TLS that is due to it. own: names of this server.

    Raises NoRoute, NoRouteNow, StoreUnavailable.
    """
    hosts = await hosts_of(destination, dns, own)
    policy = None if destination.startswith("[") else await policy_of(destination)
    return Way(_under(policy, destination, hosts) if policy is not None else hosts)


def _under(policy: Policy, destination: str, hosts: Sequence[Host]) -> list[Host]:
    """What a policy leaves. One that is only being tested stops nothing; the log says what it would have stopped."""
    named = [host for host in hosts if policy.allows(host.name)]
    match policy.mode:
        case Mode.ENFORCE if not named:
            raise NoRouteNow(f"the MTA-STS policy of {destination} names none of its mail servers", "4.7.5")
        case Mode.ENFORCE:
            return [replace(host, tls=Tls.REQUIRED) for host in named]
        case Mode.TESTING:
            if strangers := [host.name for host in hosts if host not in named]:
                log.warning("MTA-STS policy of %s, in testing, does not name %s", destination, ", ".join(strangers))
            return [replace(host, tls=Tls.TRIED) for host in hosts]
    return list(hosts)
