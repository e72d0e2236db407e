"""DANE: records against certificates, and mail to servers whose DNS names theirs (RFC 7672)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256, sha512
from pathlib import Path

import pytest

from mailserver.delivery.envelope import Wish
from mailserver.dns.answers import Tlsa
from mailserver.dns.resolver import Dns
from mailserver.outbound import dane
from mailserver.outbound.connecting import Patience, Terms
from mailserver.outbound.connections import Connections
from mailserver.outbound.jobs import Addressee, Job
from mailserver.outbound.mtasts import Mode, Policy
from mailserver.outbound.octets import Outgoing, outgoing
from mailserver.outbound.outcomes import End, Outcome
from mailserver.outbound.policies import PolicyOf, no_policy
from mailserver.outbound.transmission import transmit
from mailserver.outbound.ways import way_of
from tests.mailserver.outbound.authority import Signed, make, serving
from tests.mailserver.outbound.conftest import HOST, LETTER, Sinks
from tests.support.dnsserver import DnsServer

OTHER = b"\0" * 32
UNHURRIED = Patience(connect=30.0, reply=30.0, data=30.0)


@dataclass(frozen=True)
class Certificates:
    """root signs all of them. named: for mx.far.test; domain: for far.test; strange: for another name."""

    root: Signed
    named: Signed
    domain: Signed
    strange: Signed
    expired: Signed


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    root = make("root")
    names = [make(name, root) for name in ("mx.far.test", "far.test", "strange.test")]
    return Certificates(root, *names, make("mx.far.test", root, expired=True))


def test_records_against_certificates(certificates: Certificates) -> None:
    leaf, root = certificates.named, certificates.root
    selected = {0: leaf.der, 1: leaf.public_key}
    for selector, octets in selected.items():
        exact = {0: octets, 1: sha256(octets).digest(), 2: sha512(octets).digest()}
        for matching, data in exact.items():
            record = Tlsa(3, selector, matching, data)
            assert dane.usable([record]) == (record,)
            assert dane.names_leaf([record], leaf.der)
            assert not dane.names_leaf([record], root.der)
            assert not dane.names_leaf([Tlsa(2, selector, matching, data)], leaf.der)
    authority = Tlsa(2, 1, 1, sha256(root.public_key).digest())
    assert dane.anchors([authority], [leaf.der, root.der]) == [root.der]
    assert dane.anchors([authority], [root.der]) == [], "its own certificate is no authority"
    assert dane.anchors([Tlsa(2, 0, 0, root.der)], [leaf.der]) == [root.der]
    assert dane.anchors([Tlsa(2, 0, 0, b"nonsense"), Tlsa(2, 1, 0, b"nonsense")], [leaf.der, root.der]) == []


@pytest.mark.parametrize(
    "record",
    [
        Tlsa(0, 1, 1, OTHER),
        Tlsa(1, 1, 1, OTHER),
        Tlsa(4, 1, 1, OTHER),
        Tlsa(3, 2, 1, OTHER),
        Tlsa(3, 1, 3, OTHER),
        Tlsa(3, 1, 1, OTHER[1:]),
        Tlsa(3, 1, 2, OTHER),
        Tlsa(3, 1, 0, b""),
    ],
)
def test_records_of_no_use(record: Tlsa) -> None:
    assert dane.usable([record]) == ()


class Elsewhere:
    """far.test with its DNS and its server; `send` tells what came of a message."""

    def __init__(self, server: DnsServer, sinks: Sinks, folder: Path) -> None:
        self.dns, self._sinks, self._folder = server, sinks, folder
        self.policy_of: PolicyOf = no_policy

    async def send(
        self, records: Sequence[Tlsa], chain: Sequence[Signed], secure: str = "far mx tlsa", failing: bool = False
    ) -> Outcome:
        """chain: what the server shows; (): it offers no TLS. secure: whose answers were validated.

        failing: the DNS gives no answer about TLSA records.
        """
        sink = await self._sinks.open(context=serving(self._folder, *chain) if chain else None)
        names = {"far": "far.test", "mx": "mx.far.test", "tlsa": f"_{sink.port}._tcp.mx.far.test"}
        self.dns.authentic.update(names[one] for one in secure.split())
        if failing:
            self.dns.failing.add(names["tlsa"])
        if records:
            written = [f"{one.usage} {one.selector} {one.matching} {one.data.hex()}" for one in records]
            self.dns.put(names["tlsa"], "TLSA", *written)
        dns = Dns([self.dns.address])
        person = Addressee(1, "ba@far.test", 0, Wish())
        job = Job(1, 1, "q", "m", "an@sct.test", 10, "", "", None, datetime.now(UTC), "far.test", (person,))

        connections = Connections()

        async def letter() -> Outgoing:
            return outgoing(LETTER)

        sent = await transmit(
            job,
            letter,
            lambda domain: way_of(domain, dns, (), self.policy_of, sink.port),
            Terms(HOST, sink.port, patience=UNHURRIED),
            connections,
        )
        await connections.close()
        outcome = sent.outcomes[1]
        assert len(sink.got) == (outcome.end is End.SENT)
        assert not sink.got or sink.got[0].tls == bool(chain)
        return outcome


@pytest.fixture
def elsewhere(sinks: Sinks, tmp_path: Path) -> Iterator[Elsewhere]:
    with DnsServer({"far.test": {"MX": ["10 mx.far.test."]}, "mx.far.test": {"A": ["127.0.0.1"]}}) as server:
        yield Elsewhere(server, sinks, tmp_path)


def digest(usage: int, signed: Signed) -> Tlsa:
    return Tlsa(usage, 1, 1, sha256(signed.public_key).digest())


async def test_the_certificate_that_is_named_will_do_whatever_else_is_wrong_with_it(
    elsewhere: Elsewhere, certificates: Certificates
) -> None:
    for leaf in (certificates.named, certificates.strange, certificates.expired):
        outcome = await elsewhere.send([Tlsa(3, 1, 1, OTHER), digest(3, leaf)], [leaf])
        assert outcome.end is End.SENT


async def test_any_other_certificate_will_not(elsewhere: Elsewhere, certificates: Certificates) -> None:
    outcome = await elsewhere.send([digest(3, certificates.domain)], [certificates.named, certificates.root])
    assert (outcome.end, outcome.status) == (End.AGAIN, "4.7.5")


async def test_an_authority_vouches_for_the_host_and_for_the_domain(
    elsewhere: Elsewhere, certificates: Certificates
) -> None:
    root = certificates.root
    assert (await elsewhere.send([digest(2, root)], [certificates.named, root])).end is End.SENT
    assert (await elsewhere.send([digest(2, root)], [certificates.domain, root])).end is End.SENT
    assert (await elsewhere.send([Tlsa(2, 0, 0, root.der)], [certificates.named])).end is End.SENT


async def test_an_authority_does_not_vouch_for_all(elsewhere: Elsewhere, certificates: Certificates) -> None:
    root, stranger = certificates.root, make("stranger")
    for records, chain in (
        ([digest(2, root)], [certificates.strange, root]),
        ([digest(2, root)], [certificates.expired, root]),
        ([digest(2, root)], [make("mx.far.test", stranger), root]),
        ([digest(2, root)], [certificates.named]),
        ([digest(2, certificates.named)], [certificates.named, root]),
    ):
        outcome = await elsewhere.send(records, chain)
        assert (outcome.end, outcome.status) == (End.AGAIN, "4.7.5")


async def test_records_of_no_use_are_a_wish_for_tls(elsewhere: Elsewhere, certificates: Certificates) -> None:
    assert (await elsewhere.send([Tlsa(1, 1, 1, OTHER)], [certificates.strange])).end is End.SENT
    refused = await elsewhere.send([Tlsa(1, 1, 1, OTHER)], [])
    assert (refused.end, refused.status) == (End.AGAIN, "4.7.4")


async def test_with_records_nothing_goes_in_the_clear_and_without_it_does(
    elsewhere: Elsewhere, certificates: Certificates
) -> None:
    refused = await elsewhere.send([digest(3, certificates.named)], [])
    assert (refused.end, refused.status) == (End.AGAIN, "4.7.4")
    assert (await elsewhere.send([], [])).end is End.SENT


@pytest.mark.parametrize("secure", ["", "mx tlsa", "far tlsa", "far mx"])
async def test_what_dnssec_does_not_vouch_for_binds_nobody(elsewhere: Elsewhere, secure: str) -> None:
    assert (await elsewhere.send([Tlsa(3, 1, 1, OTHER)], [], secure)).end is End.SENT
    asked = "TLSA" in {kind for _name, kind in elsewhere.dns.asked}
    assert asked == (secure == "far mx"), "servers of unsigned domains are not asked"


async def test_an_answer_that_does_not_come_stops_mail(elsewhere: Elsewhere) -> None:
    outcome = await elsewhere.send([], [], failing=True)
    assert (outcome.end, outcome.status) == (End.AGAIN, "4.4.3")


@pytest.mark.parametrize(("hosts", "right", "end"), [("other.test", True, End.SENT), ("mx.far.test", False, End.AGAIN)])
async def test_dane_comes_before_mta_sts(
    elsewhere: Elsewhere, certificates: Certificates, hosts: str, right: bool, end: End
) -> None:
    async def policy_of(_domain: str) -> Policy | None:
        return Policy(Mode.ENFORCE, (hosts,), 86_400)

    elsewhere.policy_of = policy_of
    record = digest(3, certificates.named) if right else Tlsa(3, 1, 1, OTHER)
    assert (await elsewhere.send([record], [certificates.named])).end is end
