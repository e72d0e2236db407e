"""All of it for one message: what comes together, and that it is over in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mailserver.dns.resolver import Dns
from mailserver.senderauth.judge import INLINE, Judge
from mailserver.senderauth.results import Disposition, Outcome, Results
from tests.mailserver.senderauth.signed import LETTER, Signing, record, rsa_key
from tests.support.dnsserver import DnsServer

ZONE = {
    "gov.test": {"TXT": ["v=spf1 ip4:192.0.2.3 -all"]},
    "s1._domainkey.gov.test": {"TXT": [record(rsa_key())]},
    "_dmarc.gov.test": {"TXT": ["v=DMARC1; p=reject"]},
    "evil.test": {"TXT": ["v=spf1 +all"]},
    "s1._domainkey.evil.test": {"TXT": [record(rsa_key())]},
    "helo.test": {"TXT": ["v=spf1 +all"]},
    "small.test": {"TXT": ["v=spf1 +all"]},
}
IP, ELSEWHERE = "192.0.2.3", "198.51.100.9"


async def judged(
    data: bytes,
    mail_from: str = "an@gov.test",
    ip: str = IP,
    helo: str = "helo.test",
    *,
    server: DnsServer | None = None,
    patience: float = 30.0,
) -> Results:
    if server is not None:
        dns = Dns([server.address], patience=patience)
        judge = Judge(dns, lambda: datetime.now(UTC), patience=patience, roll=lambda: 0)
        return await judge.results(data, judge.spf(ip, mail_from, helo))
    with DnsServer(ZONE) as own:
        return await judged(data, mail_from, ip, helo, server=own, patience=patience)


def by(author: str) -> bytes:
    return LETTER.replace(b"An <an@gov.test>", author.encode())


async def test_mail_of_its_author() -> None:
    found = await judged(Signing().sign())
    assert (found.spf.outcome, found.dkim[0].outcome, found.dmarc.outcome) == (Outcome.PASS,) * 3
    assert found.aligned


async def test_a_forwarded_letter_keeps_its_signature() -> None:
    found = await judged(Signing().sign(), ip=ELSEWHERE)
    assert (found.spf.outcome, found.dmarc.outcome, found.aligned) == (Outcome.FAIL, Outcome.PASS, True)


async def test_a_signature_by_somebody_else_is_no_proof_for_the_author() -> None:
    """Composition: every check passes, for a domain that nobody sees."""
    found = await judged(Signing(domain=b"evil.test").sign(), "x@evil.test", ELSEWHERE)
    assert (found.spf.outcome, found.dkim[0].outcome) == (Outcome.PASS, Outcome.PASS)
    assert (found.dmarc.outcome, found.dmarc.policy, found.aligned) == (Outcome.FAIL, Disposition.REJECT, False)


async def test_the_null_path_proves_the_hello_and_no_author() -> None:
    found = await judged(LETTER, "", ELSEWHERE)
    assert (found.spf.outcome, found.spf.domain, found.spf.from_helo) == (Outcome.PASS, "helo.test", True)
    assert found.dmarc.outcome is Outcome.FAIL


async def test_a_hello_does_not_stand_for_a_sender() -> None:
    found = await judged(LETTER, "an@gov.test", ELSEWHERE, "helo.test")
    assert (found.spf.outcome, found.spf.domain) == (Outcome.FAIL, "gov.test")


@pytest.mark.parametrize(
    "author",
    [
        "x@evil.test, an@gov.test",
        "an@gov.test, x@evil.test",
        "Group: x@evil.test, an@gov.test;",
        "x@evil.test (an@small.test), <an@gov.test>",
    ],
)
async def test_who_proves_itself_carries_no_other_author(author: str) -> None:
    found = await judged(by(author), "x@evil.test", ELSEWHERE)
    assert (found.dmarc.outcome, found.dmarc.domain, found.aligned) == (Outcome.FAIL, "gov.test", False)


async def test_more_authors_than_anybody_vouches_for() -> None:
    found = await judged(by(", ".join(f"x@{n}.evil.test, y@n{n}.test" for n in range(5))), "x@evil.test", ELSEWHERE)
    assert (found.dmarc.outcome, found.dmarc.policy) == (Outcome.FAIL, Disposition.REJECT)
    assert not found.aligned


@pytest.mark.parametrize("author", ["", "undisclosed", "<>", "x@[192.0.2.1]", "x@a..b"])
async def test_without_an_author_there_is_nothing_to_prove(author: str) -> None:
    found = await judged(by(author))
    assert (found.dmarc.outcome, found.aligned) == (Outcome.PERMERROR, False)


async def test_a_domain_without_dmarc_may_still_be_proved() -> None:
    found = await judged(by("an@small.test"), "an@small.test", ELSEWHERE)
    assert (found.dmarc.outcome, found.aligned) == (Outcome.NONE, True)


async def test_a_large_message_is_hashed_beside_the_loop() -> None:
    data = LETTER + b"x" * 70 + b"\r\n" * INLINE
    assert (await judged(Signing().sign(data), ip=ELSEWHERE)).dmarc.outcome is Outcome.PASS


@pytest.mark.parametrize("mail_from", ['"a;b(c)\\"d"@gov.test', "an@xn--.test", "an@" + "x" * 900, "an@b@c"])
async def test_odd_senders_are_judged_too(mail_from: str) -> None:
    found = await judged(LETTER, mail_from, ELSEWHERE, "(odd); hello")
    assert found.spf.outcome in (Outcome.FAIL, Outcome.NONE)


async def test_dns_that_fails_accuses_nobody() -> None:
    names = [*ZONE]
    with DnsServer(ZONE, failing=names) as server:
        found = await judged(Signing().sign(), server=server)
    assert (found.spf.outcome, found.dkim[0].outcome, found.dmarc.outcome) == (Outcome.TEMPERROR,) * 3
    with DnsServer(ZONE, failing=["s1._domainkey.gov.test"]) as server:
        found = await judged(Signing().sign(), ip=ELSEWHERE, server=server)
    assert found.dmarc.outcome is Outcome.TEMPERROR


async def test_dns_that_is_silent_holds_nobody_up() -> None:
    with DnsServer(ZONE, silent=[*ZONE]) as server:
        async with asyncio.timeout(8):
            found = await judged(Signing().sign(), server=server, patience=0.3)
    assert (found.spf.outcome, found.dkim[0].outcome, found.dmarc.outcome) == (Outcome.TEMPERROR,) * 3


async def test_a_fault_of_ours_is_a_temporary_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("mailserver.senderauth.judge.scan", fail)
    found = await judged(Signing().sign())
    assert (found.spf.outcome, found.dmarc.outcome, found.aligned) == (Outcome.TEMPERROR, Outcome.TEMPERROR, False)
