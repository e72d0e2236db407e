"""A name server that knows a little, and a resolver that asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailserver.dns.resolver import Dns
from tests.support.dnsserver import DnsServer

ZONE = {
    "sct.test": {
        "TXT": ["v=spf1 mx -all", "other"],
        "MX": ["20 second.sct.test.", "10 MAIL.sct.test."],
        "A": ["192.0.2.1"],
    },
    "long.test": {"TXT": ["x" * 5000]},
    "mail.sct.test": {"A": ["192.0.2.2", "192.0.2.3"], "AAAA": ["2001:db8::1"]},
    "alias.sct.test": {"CNAME": ["mail.sct.test."]},
    "null.test": {"MX": ["0 ."]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["Mail.SCT.test."]},
    "_25._tcp.mail.sct.test": {"TLSA": ["3 1 1 " + "ab" * 32]},
    "_imaps._tcp.sct.test": {"SRV": ["0 1 993 Mail.sct.test."]},
}


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE, authentic=["_25._tcp.mail.sct.test", "none.sct.test"]) as running:
        yield running


@pytest.fixture
async def dns(server: DnsServer) -> Dns:
    return Dns([server.address])
