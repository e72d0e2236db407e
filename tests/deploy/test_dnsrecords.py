"""The records of a mail domain, compared with what DNS says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy import dnsrecords
from deploy.config import load
from deploy.dnsrecords import Finding, Record, check, records

MX = Record("sxd.test", "MX", "10 mail.sxd.test.")
SPF = Record("sxd.test", "TXT", "v=spf1 mx -all")
DKIM = Record("vanthu._domainkey.sxd.test", "TXT", "v=DKIM1; k=rsa; p=…", fixed=False)


@pytest.mark.parametrize(
    ("record", "answer", "finding"),
    [
        (MX, ["10 mail.sxd.test."], Finding.PRESENT),
        (MX, ["10 MAIL.sxd.test."], Finding.PRESENT),
        (MX, ["20 mx.elsewhere.test."], Finding.DIFFERENT),
        (MX, [], Finding.ABSENT),
        (MX, None, Finding.UNKNOWN),
        (SPF, ["google-site-verification=1", "v=spf1 mx -all"], Finding.PRESENT),
        (SPF, ["v=spf1 a mx ~all"], Finding.DIFFERENT),
        (SPF, ["google-site-verification=1"], Finding.ABSENT),
        (DKIM, ["v=DKIM1; k=rsa; p=MIIB"], Finding.PRESENT),
    ],
)
def test_an_answer_is_compared_with_the_record(record: Record, answer: Sequence[str] | None, finding: Finding) -> None:
    assert check([record], lambda _name, _kind: answer) == [finding]


def test_without_any_name_server_the_answer_is_unknown_and_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dnsrecords, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(
        "dns.resolver.Resolver.read_resolv_conf", lambda self, _file: setattr(self, "nameservers", ["127.0.0.1"])
    )
    assert dnsrecords.ask_dns("sxd.test", "MX") is None


def test_services_that_are_not_offered_are_denied(tmp_path: Path) -> None:
    path = tmp_path / "vanthu.toml"
    path.write_text('data_dir = "d"\ndomain = "sxd.test"\n[imap]\ntls = ["*:993"]\n', encoding="utf-8")
    values = {record.name: record.value for record in records(load(path))}
    assert values["_imaps._tcp.sxd.test"] == "0 1 993 mail.sxd.test."
    assert values["_imap._tcp.sxd.test"] == "0 0 0 ."
