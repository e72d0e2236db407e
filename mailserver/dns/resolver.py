"""Asking name servers from the event loop.

A stub resolver over dnspython: the recursive server it asks does the walking and, if it can, the
validating. Limits: every question is over within `patience` seconds, waiting for its turn included;
only so many are under way at once; the same question asked twice at once is asked once; what was
learnt is kept for its time to live, failures for some seconds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any, TypeVar, cast

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
import dns.reversename

from mailserver.dns.answers import Answer, MailHost, Outcome, Tlsa
from mailserver.dns.cache import Cache

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for one question, whatever happens
ONE_TRY = 2.0  # seconds until another name server, or the same again, is asked
AT_ONCE = 100  # questions under way; each holds a socket
MOST_CACHED = 10_000  # answers; some megabytes
LONGEST = 86_400.0  # seconds an answer is believed, whatever its time to live (RFC 1035 says a week)
LONGEST_NEGATIVE = 900.0  # seconds that "there is none" is believed (RFC 2308 §5 has 3 hours as the most)
DEFAULT_NEGATIVE = 60.0  # where the answer does not say for how long
FAILURE = 5.0  # seconds in which a question that failed is not asked again (RFC 2308 §7)
# Octets of an answer over UDP: what goes through everywhere in one packet (DNS flag day 2020).
UDP_SIZE = 1232

T = TypeVar("T")
Rdata = Any  # dnspython makes its record classes at run time
Raw = Answer[Rdata]


@dataclass(frozen=True, slots=True)
class NameServer:
    """address: an IP address."""

    address: str
    port: int = 53


class Dns:
    """One for a process, used on its loop.

    servers: asked in this order; none: those of /etc/resolv.conf. A machine that has none at all gets
    Outcome.FAILED for everything, at once. trust_ad: they validate, and nobody is between them and us, although
    they are not on this machine.
    """

    def __init__(
        self,
        servers: Sequence[NameServer] = (),
        *,
        patience: float = PATIENCE,
        at_once: int = AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
        trust_ad: bool = False,
    ) -> None:
        self._trust_ad = trust_ad
        self._resolver = _stub(servers, patience)
        self._patience = patience
        self._at_once = at_once
        self._turn: asyncio.Semaphore | None = None
        self._cache: Cache[tuple[str, str], Raw] = Cache(MOST_CACHED, clock)
        self._asking: dict[tuple[str, str], asyncio.Task[Raw]] = {}

    async def txt(self, name: str) -> Answer[bytes]:
        """TXT records, the strings of each put together."""
        return _each(await self._ask(name, "TXT"), lambda one: b"".join(one.strings))

    async def mx(self, name: str) -> Answer[MailHost]:
        """MX records by preference; those of the same preference in any order."""
        found = _each(await self._ask(name, "MX"), lambda one: MailHost(one.preference, _text(one.exchange)))
        return replace(found, records=tuple(sorted(found.records)))

    async def a(self, name: str) -> Answer[str]:
        """IPv4 addresses."""
        return _each(await self._ask(name, "A"), lambda one: str(one.address))

    async def aaaa(self, name: str) -> Answer[str]:
        """IPv6 addresses."""
        return _each(await self._ask(name, "AAAA"), lambda one: str(one.address))

    async def addresses(self, name: str) -> Answer[str]:
        """IPv4, then IPv6 addresses; FAILED if none is known and one of the two could not be asked for."""
        four, six = await asyncio.gather(self.a(name), self.aaaa(name))
        authentic = four.authentic and six.authentic
        records = four.records + six.records
        if records:
            return Answer(Outcome.FOUND, records, authentic)
        outcomes = {four.outcome, six.outcome}
        for outcome in (Outcome.FAILED, Outcome.NO_DATA):
            if outcome in outcomes:
                return Answer(outcome, (), authentic)
        return Answer(Outcome.NO_NAME, (), authentic)

    async def ptr(self, address: str) -> Answer[str]:
        """The names of an IP address, lower case without the last dot. Raises ValueError for no IP address."""
        name = dns.reversename.from_address(str(ip_address(address)))
        return _each(await self._ask(name.to_text(), "PTR"), lambda one: _text(one.target))

    async def tlsa(self, name: str) -> Answer[Tlsa]:
        """TLSA records, as of `_25._tcp.mail.example`."""
        return _each(await self._ask(name, "TLSA"), lambda one: Tlsa(one.usage, one.selector, one.mtype, one.cert))

    async def cname(self, name: str) -> Answer[str]:
        """What a name is another name of, lower case without the last dot."""
        return _each(await self._ask(name, "CNAME"), lambda one: _text(one.target))

    async def srv(self, name: str) -> Answer[str]:
        """SRV records as text, `0 1 993 mail.example.`, the target in lower case."""
        return _each(await self._ask(name, "SRV"), lambda one: str(one).lower())

    async def _ask(self, name: str, kind: str) -> Raw:
        """From the cache, from a question under way, or by asking. A caller who gives up stops no other."""
        absolute = _absolute(name)
        if absolute is None:
            return Answer(Outcome.NO_NAME)
        if self._resolver is None:
            return Answer(Outcome.FAILED)
        key = (absolute.to_text().lower(), kind)
        if (known := self._cache.get(key)) is not None:
            return known
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.get_running_loop().create_task(
                self._learn(self._resolver, key, absolute)
            )
        return await asyncio.shield(asking)

    async def _learn(self, stub: dns.asyncresolver.Resolver, key: tuple[str, str], name: dns.name.Name) -> Raw:
        answer: Raw = Answer(Outcome.FAILED)
        seconds = FAILURE
        if self._turn is None:
            self._turn = asyncio.Semaphore(self._at_once)
        try:
            async with asyncio.timeout(self._patience), self._turn:
                answer, seconds = await _query(stub, name, key[1], self._trust_ad)
        except TimeoutError:
            log.info("DNS did not answer in time: %s %s", *key)
        finally:
            del self._asking[key]
        self._cache.put(key, answer, seconds)
        return answer


def _stub(servers: Sequence[NameServer], patience: float) -> dns.asyncresolver.Resolver | None:
    """None where no name server is known."""
    try:
        stub = dns.asyncresolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration:
        log.warning("no name server is known: mail from outside is not judged, nothing is sent by MX")
        return None
    if servers:
        stub.nameservers = [dns.nameserver.Do53Nameserver(one.address, one.port) for one in servers]
    stub.lifetime = patience
    stub.timeout = min(ONE_TRY, patience)
    stub.cache = None
    stub.use_edns(0, 0, UDP_SIZE)
    # AD in the question: tell whether the answer was validated (RFC 6840 §5.7).
    stub.flags = dns.flags.RD | dns.flags.AD
    return stub


async def _query(stub: dns.asyncresolver.Resolver, name: dns.name.Name, kind: str, trust_ad: bool) -> tuple[Raw, float]:
    """The answer, and for how many seconds it holds."""
    try:
        said = await stub.resolve(name, kind, raise_on_no_answer=False, search=False)
    except dns.resolver.NXDOMAIN as missing:
        return Answer(Outcome.NO_NAME), _negative_ttl(next(iter(cast(Any, missing).responses().values()), None))
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as fault:
        log.info("DNS: %s %s: %s", name, kind, fault)
        return Answer(Outcome.FAILED), FAILURE
    authentic = _validated(said.response, said.nameserver, trust_ad)
    if said.rrset is None:
        return Answer(Outcome.NO_DATA, (), authentic), _negative_ttl(said.response)
    # The least of the whole chain, where an alias was followed.
    seconds = min(float(said.chaining_result.minimum_ttl), LONGEST)
    return Answer(Outcome.FOUND, tuple(said.rrset), authentic), seconds


def _validated(response: Any, server: str | None, trust_ad: bool) -> bool:
    if response is None or server is None or not response.flags & dns.flags.AD:
        return False
    if trust_ad:
        return True
    try:
        return ip_address(server).is_loopback
    except ValueError:
        return False


def _negative_ttl(response: Any) -> float:
    """RFC 2308 §5: the lesser of the SOA's own time to live and its last figure."""
    for rrset in response.authority if response is not None else ():
        if rrset.rdtype == dns.rdatatype.SOA:
            return float(min(rrset.ttl, rrset[0].minimum, LONGEST_NEGATIVE))
    return DEFAULT_NEGATIVE


def _absolute(name: str) -> dns.name.Name | None:
    """The name as DNS has it, international ones as A-labels; None for what can be no name."""
    try:
        found = dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError, ValueError):
        return None
    return found if len(found.labels) > 1 else None


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if len(name.labels) > 1 else ""


def _each(raw: Raw, make: Callable[[Rdata], T]) -> Answer[T]:
    return Answer(raw.outcome, tuple(make(one) for one in raw.records), raw.authentic)
