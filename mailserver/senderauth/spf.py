"""Whether a domain lets this address send for it (RFC 7208).

Evaluated here and not by a library: the one there is for Python does its own DNS, blocking, through a
function of its module, so that a message would need a thread, and time and cache of its own. Here each
question goes through the process's resolver. `tests/mailserver/senderauth/test_spf.py` compares with
that library over the same zone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

from mailserver.dns.answers import Answer
from mailserver.dns.resolver import Dns
from mailserver.senderauth import spf_macros, spf_record
from mailserver.senderauth.results import Outcome
from mailserver.senderauth.spf_macros import Template
from mailserver.senderauth.spf_record import BadRecord, Kind, Mechanism

# Terms that ask DNS, in the record and all it includes (RFC 7208 §4.6.4).
MAX_LOOKUPS = 10
# Questions that came back with nothing (the same section).
MAX_VOID = 2
# Hosts of one "mx", names of one "ptr" (the same section).
MAX_HOSTS = 10

T = TypeVar("T")


class _Over(Exception):
    """The evaluation is over with this result."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Sender:
    """Who says that it sends. domain: of MAIL FROM, or the hello for the null path (RFC 7208 §2.4)."""

    ip: IPv4Address | IPv6Address
    local: str
    domain: str
    helo: str

    @property
    def family(self) -> int:
        return 4 if isinstance(self.ip, IPv4Address) else 6


def sender_of(peer: str, mail_from: str, helo: str) -> Sender:
    """peer: the client's IP address, else ValueError. mail_from: of the envelope, "" for the null path."""
    ip = ip_address(peer.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    local, _, domain = mail_from.rpartition("@")
    return Sender(ip, local or "postmaster", (domain or helo).removesuffix(".").lower(), helo)


async def check(dns: Dns, sender: Sender) -> Outcome:
    """The result for a sender. Never raises for what DNS or a record says."""
    try:
        return await _Evaluation(dns, sender).host(sender.domain)
    except _Over as over:
        return over.outcome


class _Evaluation:
    """One evaluation: what it may still ask, and of whom it is."""

    def __init__(self, dns: Dns, sender: Sender) -> None:
        self._dns = dns
        self._sender = sender
        self._lookups = 0
        self._voids = 0

    async def host(self, domain: str) -> Outcome:
        """check_host() of RFC 7208 §4. Raises _Over for errors of records and DNS."""
        if not _is_domain(domain):
            return Outcome.NONE
        answer = await self._dns.txt(domain)
        if answer.failed:
            raise _Over(Outcome.TEMPERROR)
        try:
            text = spf_record.select(answer.records)
            record = spf_record.read(text) if text is not None else None
        except BadRecord:
            raise _Over(Outcome.PERMERROR) from None
        if record is None:
            return Outcome.NONE
        for mechanism in record.mechanisms:
            if await self._matches(mechanism, domain):
                return mechanism.outcome
        if record.redirect is None:
            return Outcome.NEUTRAL
        self._count()
        outcome = await self.host(await self._name(record.redirect, domain))
        return Outcome.PERMERROR if outcome is Outcome.NONE else outcome

    async def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        match mechanism.kind:
            case Kind.ALL:
                return True
            case Kind.IP4 | Kind.IP6:
                return mechanism.network is not None and self._sender.ip in mechanism.network
        self._count()
        name = await self._name(mechanism.target, domain) if mechanism.target else domain
        match mechanism.kind:
            case Kind.INCLUDE:
                return await self._included(name)
            case Kind.EXISTS:
                return bool(self._records(await self._dns.a(name)))
            case Kind.PTR:
                return any(_is_below(one, name) for one in await self._validated())
            case Kind.A:
                return self._within(await self._addresses(name), mechanism)
        return await self._of_mx(name, mechanism)

    async def _included(self, name: str) -> bool:
        outcome = await self.host(name)
        if outcome is Outcome.NONE:
            raise _Over(Outcome.PERMERROR)
        return outcome is Outcome.PASS

    async def _of_mx(self, name: str, mechanism: Mechanism) -> bool:
        hosts = [one.host for one in self._records(await self._dns.mx(name)) if one.host]
        if len(hosts) > MAX_HOSTS:
            raise _Over(Outcome.PERMERROR)
        found = await asyncio.gather(*(self._asked(host) for host in hosts))
        return any(self._within(self._records(answer), mechanism) for answer in found)

    def _within(self, addresses: Sequence[str], mechanism: Mechanism) -> bool:
        prefix = mechanism.four if self._sender.family == 4 else mechanism.six
        return any(self._sender.ip in ip_network(f"{address}/{prefix}", strict=False) for address in addresses)

    async def _addresses(self, name: str) -> Sequence[str]:
        return self._records(await self._asked(name))

    async def _asked(self, name: str) -> Answer[str]:
        return await (self._dns.a(name) if self._sender.family == 4 else self._dns.aaaa(name))

    def _records(self, answer: Answer[T]) -> tuple[T, ...]:
        """What was found; no answer ends the evaluation, too many that are empty as well."""
        if answer.failed:
            raise _Over(Outcome.TEMPERROR)
        if not answer.found:
            self._voids += 1
            if self._voids > MAX_VOID:
                raise _Over(Outcome.PERMERROR)
        return answer.records

    async def _validated(self) -> list[str]:
        """The names of the client's address that lead back to it (RFC 7208 §5.5); errors are no names."""
        names = (await self._dns.ptr(str(self._sender.ip))).records[:MAX_HOSTS]
        answers = await asyncio.gather(*(self._asked(name) for name in names))
        ip = str(self._sender.ip)
        return [name for name, answer in zip(names, answers, strict=True) if ip in answer.records]

    def _count(self) -> None:
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise _Over(Outcome.PERMERROR)

    async def _name(self, template: Template, domain: str) -> str:
        """The name that a domain-spec stands for."""
        sender = self._sender
        values = {
            "s": f"{sender.local}@{sender.domain}",
            "l": sender.local,
            "o": sender.domain,
            "d": domain,
            "i": spf_macros.dotted(sender.ip),
            "v": "in-addr" if sender.family == 4 else "ip6",
            "h": sender.helo,
        }
        if any(not isinstance(piece, str) and piece.letter == "p" for piece in template):
            values["p"] = await self._own_name(domain)
        return spf_macros.expand(template, values)

    async def _own_name(self, domain: str) -> str:
        """`%{p}`: a validated name of the client, the domain's own or one below it if there is such."""
        names = await self._validated()
        near = [name for name in names if name == domain] or [name for name in names if _is_below(name, domain)]
        return (near or names or ["unknown"])[0]


def _is_domain(name: str) -> bool:
    """Whether a name can have a record: several labels, none empty or too long, no address (RFC 7208 §4.3)."""
    labels = name.removesuffix(".").split(".")
    sound = len(labels) > 1 and len(name) <= spf_macros.MAX_NAME and not name.startswith("[")
    return sound and all(0 < len(label) <= 63 for label in labels)


def _is_below(name: str, domain: str) -> bool:
    return name == domain.lower() or name.endswith(f".{domain.lower()}")
