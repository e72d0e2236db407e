"""What DNS says comes as values, in bounded time, and is asked for once."""

from __future__ import annotations

import asyncio

import dns.flags
import dns.message
import pytest

from mailserver.dns.answers import Answer, MailHost, Outcome, Tlsa
from mailserver.dns.resolver import FAILURE, Dns, NameServer, _validated
from tests.support.dnsserver import TTL, DnsServer


@pytest.mark.parametrize(
    ("server", "trusted", "believed"),
    [("127.0.0.1", False, True), ("192.0.2.53", False, False), ("192.0.2.53", True, True)],
)
def test_who_is_believed_about_dnssec(server: str, trusted: bool, believed: bool) -> None:
    answer = dns.message.make_response(dns.message.make_query("sct.test", "MX"))
    assert not _validated(answer, server, trusted)
    answer.flags |= dns.flags.AD
    assert _validated(answer, server, trusted) == believed


async def test_every_kind_of_record(dns: Dns) -> None:
    assert set((await dns.txt("sct.test")).records) == {b"v=spf1 mx -all", b"other"}
    assert (await dns.mx("SCT.test.")).records == (MailHost(10, "mail.sct.test"), MailHost(20, "second.sct.test"))
    assert set((await dns.addresses("mail.sct.test")).records) == {"192.0.2.2", "192.0.2.3", "2001:db8::1"}
    assert (await dns.ptr("192.0.2.1")).records == ("mail.sct.test",)
    assert (await dns.srv("_imaps._tcp.sct.test")).records == ("0 1 993 mail.sct.test.",)
    assert (await dns.tlsa("_25._tcp.mail.sct.test")).records == (Tlsa(3, 1, 1, bytes.fromhex("ab" * 32)),)


async def test_a_null_mx_is_an_empty_host(dns: Dns) -> None:
    assert (await dns.mx("null.test")).records == (MailHost(0, ""),)


async def test_an_alias_is_followed(dns: Dns) -> None:
    assert (await dns.aaaa("alias.sct.test")).records == ("2001:db8::1",)
    assert (await dns.cname("alias.sct.test")).records == ("mail.sct.test",)


async def test_an_answer_too_long_for_udp_comes_over_tcp(dns: Dns) -> None:
    assert (await dns.txt("long.test")).records == (b"x" * 5000,)


async def test_there_is_no_name_or_no_data(dns: Dns) -> None:
    assert await dns.txt("nobody.test") == Answer(Outcome.NO_NAME)
    assert await dns.mx("mail.sct.test") == Answer(Outcome.NO_DATA)
    assert await dns.addresses("nobody.test") == Answer(Outcome.NO_NAME)
    assert await dns.addresses("long.test") == Answer(Outcome.NO_DATA)
    # Something is below it, so the name exists (RFC 8020).
    assert await dns.txt("_tcp.sct.test") == Answer(Outcome.NO_DATA)


async def test_one_kind_of_address_is_enough(dns: Dns, server: DnsServer) -> None:
    assert (await dns.addresses("sct.test")).records == ("192.0.2.1",)
    server.failing.add("broken.test")
    assert (await dns.addresses("broken.test")).outcome is Outcome.FAILED


@pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64 + ".test", ".".join(["abcdefgh"] * 40), "\udcff.test"])
async def test_what_can_be_no_name_is_no_name(dns: Dns, server: DnsServer, name: str) -> None:
    assert await dns.txt(name) == Answer(Outcome.NO_NAME)
    assert server.asked == []


async def test_international_names_are_asked_as_a_labels(dns: Dns, server: DnsServer) -> None:
    await dns.txt("bộ.test")
    assert server.asked == [("xn--b-8xm.test", "TXT")]


async def test_the_ad_flag_of_a_server_on_this_machine_is_believed(dns: Dns) -> None:
    assert (await dns.tlsa("_25._tcp.mail.sct.test")).authentic
    assert not (await dns.txt("sct.test")).authentic


async def test_servfail_is_a_temporary_failure(dns: Dns, server: DnsServer) -> None:
    server.failing.add("sct.test")
    assert await dns.txt("sct.test") == Answer(Outcome.FAILED)


async def test_silence_is_a_temporary_failure_in_bounded_time(server: DnsServer) -> None:
    server.silent.add("sct.test")
    dns = Dns([server.address], patience=0.2)
    async with asyncio.timeout(5):
        assert await dns.txt("sct.test") == Answer(Outcome.FAILED)


async def test_the_next_server_is_asked_when_one_is_away(server: DnsServer) -> None:
    with DnsServer(silent=["sct.test"]) as away:
        dns = Dns([away.address, server.address])
        dns._resolver.timeout = 0.2  # type: ignore[union-attr]
        assert (await dns.txt("sct.test")).found


async def test_nobody_listening_is_a_temporary_failure() -> None:
    with DnsServer() as gone:
        address = gone.address
    assert await Dns([address], patience=0.5).txt("sct.test") == Answer(Outcome.FAILED)


async def test_without_any_name_server_everything_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dns.asyncresolver.Resolver.__init__", _no_configuration)
    assert await Dns().txt("sct.test") == Answer(Outcome.FAILED)


def _no_configuration(self: object, *_: object, **__: object) -> None:
    import dns.resolver

    raise dns.resolver.NoResolverConfiguration


async def test_an_answer_is_kept_for_its_time_to_live(server: DnsServer) -> None:
    now = 0.0
    dns = Dns([server.address], clock=lambda: now)
    await asyncio.gather(dns.txt("sct.test"), dns.txt("nobody.test"))
    now = TTL - 1.0
    await asyncio.gather(dns.txt("sct.test"), dns.txt("nobody.test"))
    # The negative answer is kept for less long.
    assert sorted(server.asked) == [("nobody.test", "TXT"), ("nobody.test", "TXT"), ("sct.test", "TXT")]
    now = TTL + 1.0
    await dns.txt("sct.test")
    assert server.asked[-1] == ("sct.test", "TXT")


async def test_a_failure_is_remembered_for_a_moment(server: DnsServer) -> None:
    now = 0.0
    dns = Dns([server.address], clock=lambda: now)
    server.failing.add("sct.test")
    await dns.txt("sct.test")
    server.failing.clear()
    assert (await dns.txt("sct.test")).failed
    now = FAILURE + 1
    assert (await dns.txt("sct.test")).found


async def test_the_same_question_at_once_is_asked_once(dns: Dns, server: DnsServer) -> None:
    answers = await asyncio.gather(*(dns.txt("sct.test") for _ in range(20)))
    assert all(answer.found for answer in answers)
    assert server.asked == [("sct.test", "TXT")]


async def test_who_gives_up_stops_no_other(dns: Dns) -> None:
    first = asyncio.ensure_future(dns.txt("sct.test"))
    second = asyncio.ensure_future(dns.txt("sct.test"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).found


async def test_many_questions_wait_for_their_turn(server: DnsServer) -> None:
    dns = Dns([server.address], at_once=2)
    answers = await asyncio.gather(*(dns.txt(f"{number}.sct.test") for number in range(50)))
    assert {answer.outcome for answer in answers} == {Outcome.NO_NAME}


async def test_waiting_for_a_turn_is_bounded_too(server: DnsServer) -> None:
    dns = Dns([server.address], at_once=0, patience=0.1)
    assert await dns.txt("sct.test") == Answer(Outcome.FAILED)
    assert server.asked == []


def test_a_server_has_a_port_of_its_own() -> None:
    assert NameServer("127.0.0.1").port == 53
