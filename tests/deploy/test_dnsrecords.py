"""The records of a mail domain, compared with what DNS says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy import dnsrecords
from deploy.config import Settings, load
from deploy.dnsrecords import Finding, Record, check, compare, records
from mailserver.dns.resolver import Dns
from mailserver.senderauth.keys import Key
from tests.mailserver.senderauth.signed import pem, record, rsa_key
from tests.support.dnsserver import DnsServer

MX = Record("sxd.test", "MX", "10 mail.sxd.test.")
SPF = Record("sxd.test", "TXT", "v=spf1 mx -all")
DKIM = Record("v1._domainkey.sxd.test", "TXT", "v=DKIM1; k=rsa; p=MIIBabc")


@pytest.mark.parametrize(
    ("wanted", "answer", "finding"),
    [
        (MX, ["10 mail.sxd.test."], Finding.PRESENT),
        (MX, ["10 MAIL.sxd.test."], Finding.PRESENT),
        (MX, ["20 mx.elsewhere.test."], Finding.DIFFERENT),
        (MX, [], Finding.ABSENT),
        (MX, None, Finding.UNKNOWN),
        (SPF, ["google-site-verification=1", "v=spf1 mx -all"], Finding.PRESENT),
        (SPF, ["v=spf1  MX -all"], Finding.PRESENT),
        (SPF, ["v=spf1 a mx ~all"], Finding.DIFFERENT),
        (SPF, ["google-site-verification=1"], Finding.ABSENT),
        (SPF, ["v=spf1 mx -all", "v=spf1 include:spf.elsewhere.test -all"], Finding.DIFFERENT),
        (DKIM, ["v=DKIM1;k=rsa;p=MIIB abc;"], Finding.PRESENT),
        (DKIM, ["v=DKIM1; k=rsa; p=MIIBABC"], Finding.DIFFERENT),
        (DKIM, ["v=DKIM1; p="], Finding.DIFFERENT),
    ],
)
def test_an_answer_is_compared_with_the_record(wanted: Record, answer: Sequence[str] | None, finding: Finding) -> None:
    assert compare(wanted, answer) is finding


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "vanthu.toml"
    path.write_text('data_dir = "d"\ndomain = "sxd.test"\n[imap]\ntls = ["*:993"]\n', encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(
    ("smarthost", "value"),
    [
        ("", "v=spf1 mx -all"),
        ("smtp.tinh.test:587", "v=spf1 mx a:smtp.tinh.test ~all"),
        ("203.162.4.190:25", "v=spf1 mx ip4:203.162.4.190 ~all"),
        ("[2001:dc8::1]:25", "v=spf1 mx ip6:2001:dc8::1 ~all"),
        ("127.0.0.1:25", "v=spf1 mx ~all"),
    ],
)
def test_who_passes_mail_on_may_send_it(settings: Settings, smarthost: str, value: str) -> None:
    """Where others deny what comes by the smarthost, every letter to them fails SPF (RFC 7208 §2.4)."""
    outbound = settings.outbound.model_copy(update={"smarthost": smarthost})
    found = records(settings.model_copy(update={"outbound": outbound}), "sxd.test")
    assert Record("sxd.test", "TXT", value) in found


def key() -> Key:
    now = datetime.now(UTC)
    return Key("sxd.test", "v202611", pem(rsa_key()), now, now)


def test_services_that_are_not_offered_are_denied(settings: Settings) -> None:
    values = {one.name: one.value for one in records(settings, "sxd.test", [])}
    assert values["_imaps._tcp.sxd.test"] == "0 1 993 mail.sxd.test."
    assert values["_imap._tcp.sxd.test"] == "0 0 0 ."


def test_a_policy_about_tls_is_printed_where_it_can_be_fetched(tmp_path: Path) -> None:
    def printed(mode: str, port: int) -> dict[str, str]:
        path = tmp_path / "vanthu.toml"
        text = f'data_dir = "d"\ndomain = "sxd.test"\n[smtp]\nmta_sts = "{mode}"\n[web]\nlisten = ["*:{port}"]\n'
        path.write_text(text, encoding="utf-8")
        names = ("_mta-sts.sxd.test", "mta-sts.sxd.test", "_smtp._tls.sxd.test")
        return {one.name: one.value for one in records(load(path), "sxd.test", []) if one.name in names}

    assert printed("off", 443) == printed("enforce", 8443) == {}
    testing, enforced = printed("testing", 443), printed("enforce", 443)
    assert testing["_mta-sts.sxd.test"].startswith("v=STSv1; id=")
    assert enforced == testing | {"_mta-sts.sxd.test": enforced["_mta-sts.sxd.test"]} != testing
    assert enforced["mta-sts.sxd.test"] == "mail.sxd.test."
    assert enforced["_smtp._tls.sxd.test"] == "v=TLSRPTv1; rua=mailto:postmaster@sxd.test"


def test_a_key_is_printed_in_strings_that_a_zone_file_takes(settings: Settings) -> None:
    [found] = [one for one in records(settings, "sxd.test", [key()]) if "_domainkey" in one.name]
    assert found.name == "v202611._domainkey.sxd.test"
    assert found.value == record(rsa_key())
    strings = found.line.partition("TXT ")[2].split('" "')
    assert [len(one.strip('"')) for one in strings] == [255, len(found.value) - 255]


async def test_all_of_them_are_found_in_a_zone_that_has_them(settings: Settings) -> None:
    wanted = records(settings, "sxd.test", [key()])
    with DnsServer() as server:
        for one in wanted:
            server.put(one.name, one.type, one.value)
        assert set(await check(wanted, Dns([server.address]))) == {Finding.PRESENT}
        server.drop("v202611._domainkey.sxd.test")
        server.put("_dmarc.sxd.test", "TXT", "v=DMARC1; p=none")
        found = dict(zip(wanted, await check(wanted, Dns([server.address])), strict=True))
    assert {one.name: said for one, said in found.items() if said is not Finding.PRESENT} == {
        "v202611._domainkey.sxd.test": Finding.ABSENT,
        "_dmarc.sxd.test": Finding.DIFFERENT,
    }


async def test_without_any_name_server_the_answer_is_unknown() -> None:
    with DnsServer() as gone:
        address = gone.address
    assert await dnsrecords.check([MX, SPF], Dns([address], patience=0.3)) == [Finding.UNKNOWN] * 2
