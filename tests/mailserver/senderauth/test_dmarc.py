"""DMARC: which record holds for an author, and what it makes of SPF and DKIM."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailserver.dns.resolver import Dns
from mailserver.senderauth import dmarc
from mailserver.senderauth.domains import aligned, as_ascii, organisation
from mailserver.senderauth.results import Disposition, Dkim, Dmarc, Outcome, Spf
from tests.support.dnsserver import DnsServer

NONE, QUARANTINE, REJECT = Disposition.NONE, Disposition.QUARANTINE, Disposition.REJECT

ZONE = {
    "_dmarc.gov.test": {"TXT": ["v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:x@gov.test"]},
    "a.gov.test": {"A": ["192.0.2.1"]},
    "_dmarc.own.gov.test": {"TXT": ["v=DMARC1; p=none"]},
    "_dmarc.plain.test": {"TXT": ["unrelated", "v=DMARC1;p=quarantine"]},
    "_dmarc.two.test": {"TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]},
    "_dmarc.so.gov.vn": {"TXT": ["v=DMARC1; p=reject"]},
}


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE, failing=["_dmarc.down.test"]) as running:
        yield running


@pytest.mark.parametrize(
    ("domain", "policy"),
    [
        ("gov.test", REJECT),
        ("a.gov.test", QUARANTINE),
        ("missing.gov.test", NONE),
        ("own.gov.test", NONE),
        ("plain.test", QUARANTINE),
        ("b.plain.test", QUARANTINE),
        ("phong.so.gov.vn", REJECT),
        ("khac.gov.vn", None),
        ("two.test", None),
        ("nowhere.test", None),
    ],
)
async def test_the_record_for_a_domain(server: DnsServer, domain: str, policy: Disposition | None) -> None:
    found = await dmarc.published(Dns([server.address]), domain)
    assert (found.policy if found.record else None) is policy


async def test_no_answer_is_told(server: DnsServer) -> None:
    with pytest.raises(dmarc.NoAnswer):
        await dmarc.published(Dns([server.address]), "down.test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=DMARC1; p=reject", (REJECT, 100)),
        ("v=DMARC1; p=REJECT; pct=20;", (REJECT, 20)),
        ("v=DMARC1; p=reject; pct=101", (REJECT, 100)),
        ("v = DMARC1 ; p = none", (NONE, 100)),
        ("v=DMARC1; p=bogus; rua=mailto:x@y.test", (NONE, 100)),
        ("v=DMARC1; p=bogus", None),
        ("v=DMARC1", None),
        ("v=DMARC12; p=reject", None),
        ("p=reject; v=DMARC1", None),
        ("v=DMARC1; p=reject; p=none", None),
        ("v=dmarc1; p=reject", None),
    ],
)
def test_records(text: str, expected: tuple[Disposition, int] | None) -> None:
    found = dmarc.select([text.encode()])
    assert (found and (found.policy, found.percent)) == expected


def published(text: str = "v=DMARC1; p=reject", domain: str = "gov.test") -> dmarc.Published:
    record = dmarc.select([text.encode()])
    assert record is not None
    return dmarc.Published(domain, record, record.policy)


def judged(found: dmarc.Published, spf: Spf, *dkim: Dkim, roll: int = 0) -> Dmarc:
    return dmarc.judge(found, spf, dkim, lambda: roll)


def by_spf(domain: str, outcome: Outcome = Outcome.PASS) -> Spf:
    return Spf(outcome, domain)


NO_SPF = Spf(Outcome.NONE)


@pytest.mark.parametrize(
    ("record", "spf", "dkim", "outcome"),
    [
        ("", by_spf("gov.test"), (), Outcome.PASS),
        ("", by_spf("mail.gov.test"), (), Outcome.PASS),
        ("; aspf=s", by_spf("mail.gov.test"), (), Outcome.FAIL),
        ("; aspf=s", by_spf("gov.test"), (), Outcome.PASS),
        ("", by_spf("evil.test"), (), Outcome.FAIL),
        ("", by_spf("evilgov.test"), (), Outcome.FAIL),
        ("", by_spf("gov.test", Outcome.SOFTFAIL), (), Outcome.FAIL),
        ("", by_spf("gov.test", Outcome.TEMPERROR), (), Outcome.TEMPERROR),
        ("", by_spf("evil.test", Outcome.TEMPERROR), (), Outcome.FAIL),
        ("", NO_SPF, (Dkim(Outcome.PASS, "gov.test"),), Outcome.PASS),
        ("", NO_SPF, (Dkim(Outcome.PASS, "news.gov.test"),), Outcome.PASS),
        ("; adkim=s", NO_SPF, (Dkim(Outcome.PASS, "news.gov.test"),), Outcome.FAIL),
        ("", NO_SPF, (Dkim(Outcome.PASS, "evil.test"), Dkim(Outcome.FAIL, "gov.test")), Outcome.FAIL),
        ("", NO_SPF, (Dkim(Outcome.FAIL, "gov.test"), Dkim(Outcome.PASS, "gov.test")), Outcome.PASS),
        ("", NO_SPF, (Dkim(Outcome.POLICY, "gov.test"), Dkim(Outcome.NEUTRAL, "gov.test")), Outcome.FAIL),
        ("", NO_SPF, (Dkim(Outcome.TEMPERROR, "gov.test"),), Outcome.TEMPERROR),
        ("", by_spf("evil.test"), (Dkim(Outcome.PASS, "test"),), Outcome.FAIL),
    ],
)
def test_alignment(record: str, spf: Spf, dkim: tuple[Dkim, ...], outcome: Outcome) -> None:
    found = judged(published("v=DMARC1; p=reject" + record), spf, *dkim)
    assert (found.outcome, found.domain) == (outcome, "gov.test")


@pytest.mark.parametrize(
    ("policy", "roll", "left"),
    [("reject", 29, REJECT), ("reject", 30, QUARANTINE), ("quarantine", 29, QUARANTINE), ("quarantine", 30, NONE)],
)
def test_a_percentage_is_given_the_milder_treatment(policy: str, roll: int, left: Disposition) -> None:
    found = judged(published(f"v=DMARC1; p={policy}; pct=30"), NO_SPF, roll=roll)
    assert (found.outcome, found.policy) == (Outcome.FAIL, left)


def test_of_several_authors_the_least_proved_counts() -> None:
    good, bad = Dmarc(Outcome.PASS, "evil.test"), Dmarc(Outcome.FAIL, "gov.test", REJECT)
    mild, none = Dmarc(Outcome.FAIL, "x.test", NONE), Dmarc(Outcome.NONE, "y.test")
    assert dmarc.worst([good, bad, mild, none]) is bad
    assert dmarc.worst([good, none]) is none


def test_authors_are_domains_each_once() -> None:
    assert dmarc.authors_of(["a@Gov.Test", "b@gov.test", "c@bộ.test", "d"]) == ["gov.test", "xn--b-8xm.test", None]


def test_whose_domain_a_name_is_part_of() -> None:
    assert organisation("phong.so.hungbinh.gov.vn") == "hungbinh.gov.vn"
    assert organisation("a.b.co.uk") == "b.co.uk"
    assert organisation("gov.vn") == "gov.vn"
    assert not aligned("a.gov.vn", "b.gov.vn")
    assert aligned("x.a.gov.vn", "a.gov.vn")
    assert not aligned("x.a.gov.vn", "a.gov.vn", strict=True)
    assert not aligned("", "a.gov.vn")


@pytest.mark.parametrize("name", ["", ".", "a..b", "-a.test", "a b.test", "a(b).test", "x" * 64 + ".test", "a" * 254])
def test_what_is_no_name_of_a_domain(name: str) -> None:
    assert as_ascii(name) is None
