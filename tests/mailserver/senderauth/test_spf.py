"""SPF over real DNS questions: what each record means for a sender, and what a record may cost."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator

import pytest

from mailserver.dns.resolver import Dns
from mailserver.senderauth import spf
from mailserver.senderauth.results import Outcome
from tests.support.dnsserver import DnsServer

PASS, FAIL, SOFT, NEUTRAL = Outcome.PASS, Outcome.FAIL, Outcome.SOFTFAIL, Outcome.NEUTRAL
NONE, TEMP, PERM = Outcome.NONE, Outcome.TEMPERROR, Outcome.PERMERROR
IP4, IP6 = "192.0.2.3", "2001:db8::3"


def record(text: str) -> dict[str, list[str]]:
    return {"TXT": [text]}


def chain(length: int) -> dict[str, dict[str, list[str]]]:
    """c0 includes c1 … the last lets everybody pass: `length` lookups from c0."""
    zone = {f"c{at}.test": record(f"v=spf1 include:c{at + 1}.test -all") for at in range(length)}
    return {**zone, f"c{length}.test": record("v=spf1 +all")}


ZONE = {
    "plain.test": record("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"),
    "soft.test": record("v=spf1 ~all"),
    "open.test": record("v=spf1"),
    "none.test": record("spf2.0/pra -all"),
    "upper.test": record("V=SPF1 IP4:192.0.2.3 -ALL"),
    "a.test": {"TXT": ["v=spf1 a -all"], "A": ["192.0.2.3"], "AAAA": ["2001:db8::3"]},
    "near.test": {"TXT": ["v=spf1 a:a.test/24//64 -all"]},
    "far.test": record("v=spf1 a:a.test/32//128 -all"),
    "mx.test": {"TXT": ["v=spf1 mx -all"], "MX": ["10 a.test.", "20 nowhere.test."]},
    "inc.test": record("v=spf1 include:plain.test ?all"),
    "incfail.test": record("v=spf1 include:soft.test -all"),
    "incnone.test": record("v=spf1 include:none.test +all"),
    "incperm.test": record("v=spf1 include:bad.test +all"),
    "bad.test": record("v=spf1 ip4:300.0.0.1 -all"),
    "badlate.test": record("v=spf1 +all nonsense"),
    "two.test": {"TXT": ["v=spf1 +all", "v=spf1 -all"]},
    "redirect.test": record("v=spf1 redirect=plain.test"),
    "redirectnone.test": record("v=spf1 redirect=none.test"),
    "redirectall.test": record("v=spf1 ?all redirect=plain.test"),
    "exists.test": record("v=spf1 exists:%{ir}.%{v}.list.test -all"),
    "3.2.0.192.in-addr.list.test": {"A": ["127.0.0.2"]},
    "local.test": record("v=spf1 exists:%{l1r-}.%{d2}.users.test -all"),
    "an.local.test.users.test": {"A": ["127.0.0.2"]},
    "helo.test": record("v=spf1 exists:%{h}.%{o}.x.test -all"),
    "mail.peer.test.helo.test.x.test": {"A": ["127.0.0.2"]},
    "ptr.test": record("v=spf1 ptr -all"),
    "3.2.0.192.in-addr.arpa": {"PTR": ["host.ptr.test.", "liar.test."]},
    "host.ptr.test": {"A": ["192.0.2.3"]},
    "pmacro.test": record("v=spf1 exists:%{p}.seen.test -all"),
    "host.ptr.test.seen.test": {"A": ["127.0.0.2"]},
    "unknownmod.test": record("v=spf1 vanthu=%{d}x ip4:192.0.2.3 -all"),
    "tworedirects.test": record("v=spf1 redirect=plain.test redirect=plain.test"),
    "fails.test": record("v=spf1 a:broken.test +all"),
    "utf8.test": record("v=spf1 +all exp=ngườigửi.test"),
    "voids2.test": record("v=spf1 a:v1.nowhere.test a:v2.nowhere.test +all"),
    "voids3.test": record("v=spf1 a:v1.nowhere.test a:v2.nowhere.test a:v3.nowhere.test +all"),
    "manymx.test": {"TXT": ["v=spf1 mx +all"], "MX": [f"{at} m{at}.nowhere.test." for at in range(11)]},
    "loop.test": record("v=spf1 include:loop.test +all"),
    "long.test": record("v=spf1 " + "ip4:192.0.2.3 " * 700 + "-all"),
    "macros.test": record("v=spf1 exists:" + "%{s}." * 40 + "test -all"),
    "xn--b-8xm.test": record("v=spf1 ip4:192.0.2.3 -all"),
    **chain(10),
    "c11.test": record("v=spf1 include:c0.test -all"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE, failing=["broken.test", "down.test"]) as running:
        yield running


async def check(server: DnsServer, domain: str, ip: str = IP4, mail_from: str | None = None) -> Outcome:
    address = f"an@{domain}" if mail_from is None else mail_from
    return await spf.check(Dns([server.address]), spf.sender_of(ip, address, "mail.peer.test"))


@pytest.mark.parametrize(
    ("domain", "ip", "outcome"),
    [
        ("plain.test", IP4, PASS),
        ("plain.test", "198.51.100.1", FAIL),
        ("plain.test", IP6, PASS),
        ("plain.test", "2001:db9::1", FAIL),
        ("plain.test", f"::ffff:{IP4}", PASS),
        ("soft.test", IP4, SOFT),
        ("open.test", IP4, NEUTRAL),
        ("none.test", IP4, NONE),
        ("nowhere.test", IP4, NONE),
        ("upper.test", IP4, PASS),
        ("a.test", IP4, PASS),
        ("a.test", IP6, PASS),
        ("a.test", "192.0.2.4", FAIL),
        ("near.test", "192.0.2.4", PASS),
        ("near.test", "2001:db8::ffff", PASS),
        ("far.test", "192.0.2.4", FAIL),
        ("far.test", "2001:db8::ffff", FAIL),
        ("mx.test", IP4, PASS),
        ("mx.test", "192.0.2.4", FAIL),
        ("inc.test", IP4, PASS),
        ("inc.test", "198.51.100.1", NEUTRAL),
        ("incfail.test", IP4, FAIL),
        ("incnone.test", IP4, PERM),
        ("incperm.test", IP4, PERM),
        ("bad.test", IP4, PERM),
        ("badlate.test", IP4, PERM),
        ("two.test", IP4, PERM),
        ("redirect.test", IP4, PASS),
        ("redirect.test", "198.51.100.1", FAIL),
        ("redirectnone.test", IP4, PERM),
        ("redirectall.test", IP4, NEUTRAL),
        ("exists.test", IP4, PASS),
        ("exists.test", "192.0.2.4", FAIL),
        ("local.test", IP4, PASS),
        ("helo.test", IP4, PASS),
        ("ptr.test", IP4, PASS),
        ("ptr.test", "192.0.2.4", FAIL),
        ("pmacro.test", IP4, PASS),
        ("unknownmod.test", IP4, PASS),
        ("tworedirects.test", IP4, PERM),
        ("fails.test", IP4, TEMP),
        ("down.test", IP4, TEMP),
        ("utf8.test", IP4, PERM),
        ("localhost", IP4, NONE),
        ("[192.0.2.3]", IP4, NONE),
        ("x" * 64 + ".test", IP4, NONE),
    ],
)
async def test_what_a_record_means(server: DnsServer, domain: str, ip: str, outcome: Outcome) -> None:
    assert await check(server, domain, ip) is outcome


@pytest.mark.parametrize(
    ("domain", "outcome"),
    [
        ("c0.test", PASS),
        ("c11.test", PERM),
        ("loop.test", PERM),
        ("voids2.test", PASS),
        ("voids3.test", PERM),
        ("manymx.test", PERM),
        ("long.test", PERM),
        ("macros.test", PERM),
    ],
)
async def test_what_a_record_may_cost(server: DnsServer, domain: str, outcome: Outcome) -> None:
    """Ten lookups, two void ones, ten hosts, and lengths (RFC 7208 §4.6.4)."""
    assert await check(server, domain) is outcome


async def test_a_record_that_includes_itself_is_asked_for_once() -> None:
    with DnsServer(ZONE) as server:
        assert await check(server, "loop.test") is PERM
        assert server.asked == [("loop.test", "TXT")]


async def test_the_null_path_is_judged_by_the_hello(server: DnsServer) -> None:
    dns = Dns([server.address])
    assert await spf.check(dns, spf.sender_of(IP4, "", "plain.test")) is PASS
    assert await spf.check(dns, spf.sender_of("198.51.100.1", "", "plain.test")) is FAIL
    assert await spf.check(dns, spf.sender_of(IP4, "", "[192.0.2.3]")) is NONE


async def test_a_hostile_local_part_stays_a_part_of_names(server: DnsServer) -> None:
    hostile = '"' + "a.b-c\\ " * 100 + '"@local.test'
    assert await check(server, "local.test", mail_from=hostile) is FAIL


async def test_a_name_server_that_never_answers_is_a_temporary_error() -> None:
    with DnsServer(ZONE, silent=["plain.test"]) as server:
        dns = Dns([server.address], patience=0.2)
        async with asyncio.timeout(5):
            assert await spf.check(dns, spf.sender_of(IP4, "an@plain.test", "x")) is TEMP


async def test_another_implementation_says_the_same(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyspf over the same zone, for every record and both families of addresses."""
    with warnings.catch_warnings():
        # Its source warns when it is compiled; an installer may leave that to the first import.
        warnings.simplefilter("ignore", DeprecationWarning)
        import spf as pyspf

    monkeypatch.setattr(pyspf, "DNSLookup", _lookup)
    words = {"permerror": PERM, "temperror": TEMP}
    for domain in ZONE:
        for ip in (IP4, IP6, "198.51.100.1"):
            if domain in DIFFERENT:
                continue
            result = pyspf.check2(i=ip, s=f"an@{domain}", h="mail.peer.test")[0]
            expected = words.get(result) or Outcome(result)
            assert (domain, ip, await check(server, domain, ip)) == (domain, ip, expected)


# Where we go our own way: lengths that we refuse, and names of domains not ours to compare.
DIFFERENT = {"long.test", "macros.test", "utf8.test", "fails.test"}


def _lookup(name: str, kind: str, *_: object, **__: object) -> list[tuple[tuple[str, str], object]]:
    """The zone, as pyspf wants to be told of it."""
    values = ZONE.get(name.lower().rstrip("."), {}).get(kind, [])
    if kind == "TXT":
        return [((name, kind), (value.encode(),)) for value in values]
    if kind == "MX":
        return [((name, kind), (int(value.split()[0]), value.split()[1].rstrip("."))) for value in values]
    return [((name, kind), value.rstrip(".")) for value in values]
