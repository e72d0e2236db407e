"""Where mail for a domain goes (RFC 5321 §5.1): its MX hosts in order, or the domain itself."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from mailserver.dns.answers import Answer, MailHost, Outcome, Tlsa
from mailserver.outbound.connecting import Terms, Tls

# Hosts and addresses tried for one message; the rest has its turn next time.
MOST_HOSTS = 5
MOST_ADDRESSES = 6


class NoRoute(Exception):
    """The domain takes no mail. status: RFC 3463; the text is for the sender."""

    def __init__(self, status: str, words: str) -> None:
        super().__init__(words)
        self.status = status


class NoRouteNow(Exception):
    """No host may be used at present; the text is for the administrator and, in the end, for the sender.

    status: RFC 3463.
    """

    def __init__(self, words: str, status: str = "4.4.3") -> None:
        super().__init__(words)
        self.status = status


class Dns(Protocol):
    """What this room asks of `mailserver.dns`."""

    async def mx(self, name: str) -> Answer[MailHost]: ...

    async def addresses(self, name: str) -> Answer[str]: ...


@dataclass(frozen=True, slots=True)
class Host:
    """A server to try. name: of its MX record, for TLS and reports. addresses: in the order to be tried.

    tls: how it is spoken to; None: as always. tlsa: what DANE asks of its certificate. secure: its MX record and
    its addresses were validated by DNSSEC.
    """

    name: str
    addresses: tuple[str, ...]
    tls: Tls | None = None
    tlsa: tuple[Tlsa, ...] = ()
    secure: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The hosts of a destination, in order; at least one. terms: how this server speaks to them; None: as always."""

    hosts: Sequence[Host]
    terms: Terms | None = None


# How equal preferences are put in an order; tests hand in one that they know.
Shuffle = Callable[[list[MailHost]], None]


async def hosts_of(domain: str, dns: Dns, own: Collection[str], shuffle: Shuffle = random.shuffle) -> list[Host]:
    """The hosts to try, in order; at least one.

    own: names of this server, lower case: a host no better than we are would give the mail back.
    Raises NoRoute, NoRouteNow.
    """
    address = _literal(domain)
    if address is not None:
        return [Host(domain, (address,))]
    answer = await dns.mx(domain)
    hosts, trouble = [], False
    for name in _names(domain, answer, own, shuffle):
        found = await dns.addresses(name)
        trouble = trouble or found.failed
        if found.found:
            secure = answer.authentic and found.authentic
            hosts.append(Host(name, _alternating(found.records), secure=secure))
    if hosts:
        return hosts
    if trouble:
        raise NoRouteNow(f"no address of the mail servers of {domain} can be found at present")
    raise NoRoute("5.4.4", f"the mail servers of {domain} have no address")


def _names(domain: str, answer: Answer[MailHost], own: Collection[str], shuffle: Shuffle) -> list[str]:
    match answer.outcome:
        case Outcome.FAILED:
            raise NoRouteNow(f"the DNS gives no answer about {domain} at present")
        case Outcome.NO_NAME:
            raise NoRoute("5.1.2", f"the domain {domain} does not exist")
        case Outcome.NO_DATA:
            return [domain]  # implicit MX
    if all(not one.host for one in answer.records):
        # RFC 7505 §4.1: 556 at RCPT time would be 5.1.10.
        raise NoRoute("5.1.10", f"the domain {domain} takes no mail (null MX)")
    ordered = _in_order([one for one in answer.records if one.host], shuffle)
    ours = next((one.preference for one in ordered if one.host in own), None)
    if ours is not None:
        ordered = [one for one in ordered if one.preference < ours]
        if not ordered:
            raise NoRoute("5.4.6", f"mail for {domain} would come back to this server")
    return [one.host for one in ordered[:MOST_HOSTS]]


def _in_order(records: Sequence[MailHost], shuffle: Shuffle) -> list[MailHost]:
    """By preference; equal ones in any order, so that load is shared."""
    ordered: list[MailHost] = []
    for _, equal in groupby(sorted(records), key=lambda one: one.preference):
        group = list(equal)
        shuffle(group)
        ordered.extend(group)
    return ordered


def _alternating(addresses: Sequence[str]) -> tuple[str, ...]:
    """IPv6 and IPv4 in turns, so that a broken family costs one try and not all (RFC 8305 §4)."""
    six = [one for one in addresses if ":" in one]
    four = [one for one in addresses if ":" not in one]
    mixed = [one for pair in zip(six, four, strict=False) for one in pair]
    rest = six[len(four) :] or four[len(six) :]
    return (*mixed, *rest)[:MOST_ADDRESSES]


def _literal(domain: str) -> str | None:
    """The address in a domain like [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 §4.1.3); None for a name."""
    if not (domain.startswith("[") and domain.endswith("]")):
        return None
    try:
        return str(ipaddress.ip_address(domain[1:-1].lower().removeprefix("ipv6:")))
    except ValueError:
        return None
