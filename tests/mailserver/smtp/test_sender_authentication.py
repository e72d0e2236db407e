"""The MX looks at strangers: results in front of the message, forged ones out, and policy obeyed."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mailbox_policies import chain
from mailbox_policies.rules.sender_authentication import Mode, Settings
from mailserver.actor import SYSTEM
from mailserver.delivery.delivery import Delivery
from mailserver.directory import agencies, people
from mailserver.directory.records import PersonData
from mailserver.dns.resolver import Dns
from mailserver.senderauth.header import read_ours
from mailserver.senderauth.judge import Judge
from mailserver.senderauth.results import Outcome
from mailserver.smtp.settings import Role
from mailserver.store.database import Tx
from tests.mailserver.senderauth.signed import LETTER, Signing, record, rsa_key
from tests.mailserver.smtp.conftest import SIZE, Doors
from tests.support.dnsserver import DnsServer
from tests.support.office import Office

ZONE = {
    "gov.test": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "s1._domainkey.gov.test": {"TXT": [record(rsa_key())]},
    "_dmarc.gov.test": {"TXT": ["v=DMARC1; p=reject"]},
    "evil.test": {"TXT": ["v=spf1 +all"]},
    "_dmarc.mild.test": {"TXT": ["v=DMARC1; p=quarantine"]},
}
STRANGERS = {"trusted_networks": ("10.9.9.9/32",)}
FORGED = b"Authentication-Results: mail.sct.test; dmarc=pass header.from=gov.test\r\n"
FOREIGN = b"Authentication-Results: mx.gov.test; spf=pass\r\n"


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as running:
        yield running


@pytest.fixture
def judging(doors: Doors, server: DnsServer) -> Doors:
    """Doors that look at senders, also at those of this machine."""
    doors.judge = judge(server)
    return doors


def judge(server: DnsServer, patience: float = 30.0) -> Judge:
    return Judge(Dns([server.address], patience=patience), lambda: datetime.now(UTC), patience=patience, roll=lambda: 0)


def obey(doors: Doors, mode: Mode) -> None:
    policy = chain.standard(chain.for_all(chain.Settings(SIZE, Settings(mode))))
    doors.delivery = Delivery(doors.store, doors.settings.hostname, lambda: datetime.now(UTC), policy)


async def send(doors: Doors, data: bytes, sender: str = "an@gov.test", **changes: object) -> str:
    peer = await doors.connect(Role.MX, **({**STRANGERS, **changes}))
    assert (await peer.begin(["an@sct.test"], f"<{sender}>")).startswith("354")
    peer.send(data + b".\r\n")
    return await peer.reply()


def dotted(data: bytes) -> bytes:
    return data.replace(b"\r\n.", b"\r\n..")


async def test_results_stand_in_front_and_every_other_octet_is_as_it_came(judging: Doors, office: Office) -> None:
    data = FOREIGN + Signing().sign()
    assert (await send(judging, dotted(data))).startswith("250")
    [stored] = office.mail("an")
    assert stored.endswith(data)
    front = email.message_from_bytes(stored[: -len(data)], policy=email.policy.default)
    assert front.keys() == ["Return-Path", "Authentication-Results", "Received"]
    found = read_ours(stored)
    assert found is not None
    assert (found.spf.outcome, found.dkim[0].outcome, found.dmarc.outcome) == (Outcome.PASS,) * 3


async def test_a_forged_result_is_gone_and_the_signature_counts_as_it_came(judging: Doors, office: Office) -> None:
    names = [b"from", b"authentication-results"]
    data = Signing(names=names).sign(FORGED + FOREIGN + LETTER)
    assert (await send(judging, dotted(data))).startswith("250")
    [stored] = office.mail("an")
    assert FORGED not in stored
    assert stored.endswith(data.replace(FORGED, b""))
    found = read_ours(stored)
    assert found is not None
    assert found.dkim[0].outcome is Outcome.PASS


@pytest.mark.requirement("R-092")
@pytest.mark.parametrize(
    ("mode", "answer", "folder"),
    [
        (Mode.REJECT, "550 5.7.26 ", ""),
        (Mode.JUNK, "250 ", "Junk"),
        (Mode.ANNOTATE, "250 ", "INBOX"),
        (Mode.OFF, "250 ", "INBOX"),
    ],
)
async def test_mail_in_the_name_of_a_domain_that_asks_for_refusal(
    judging: Doors, office: Office, mode: Mode, answer: str, folder: str
) -> None:
    obey(judging, mode)
    said = await send(judging, dotted(LETTER), "x@evil.test")
    assert said.startswith(answer)
    if not folder:
        assert "gov.test" in said
        assert "Khong xac thuc duoc nguoi gui" in said
    counts = {name: len(office.mail("an", name)) for name in ("INBOX", "Junk")}
    assert counts == {"INBOX": int(folder == "INBOX"), "Junk": int(folder == "Junk")}


async def test_a_domain_that_asks_for_quarantine_gets_junk(judging: Doors, office: Office) -> None:
    data = LETTER.replace(b"an@gov.test", b"an@mild.test")
    assert (await send(judging, dotted(data), "x@evil.test")).startswith("250")
    assert (len(office.mail("an")), len(office.mail("an", "Junk"))) == (0, 1)


async def test_trusted_networks_lmtp_and_a_door_without_judge_ask_no_dns(
    judging: Doors, office: Office, server: DnsServer
) -> None:
    assert (await send(judging, dotted(FORGED + LETTER), "x@evil.test", trusted_networks=("127.0.0.0/8",))).startswith(
        "250"
    )
    peer = await judging.connect(Role.LMTP, **STRANGERS)
    await peer.say("LHLO x")
    await peer.say("MAIL FROM:<x@evil.test>")
    await peer.say("RCPT TO:<an@sct.test>")
    await peer.say("DATA")
    peer.send(dotted(LETTER) + b".\r\n")
    assert (await peer.reply()).startswith("250")
    judging.judge = None
    assert (await send(judging, dotted(LETTER), "x@evil.test")).startswith("250")
    assert server.asked == []
    assert [read_ours(one) for one in office.mail("an")] == [None, None, None]
    assert FORGED not in office.mail("an")[0]


async def test_dns_that_is_away_neither_refuses_nor_holds_up(judging: Doors, office: Office, server: DnsServer) -> None:
    server.silent.update(ZONE)
    judging.judge = judge(server, patience=0.2)
    assert (await send(judging, dotted(LETTER), "x@evil.test")).startswith("250")
    found = read_ours(office.mail("an")[0])
    assert found is not None
    assert (found.spf.outcome, found.dmarc.outcome) == (Outcome.TEMPERROR, Outcome.TEMPERROR)


async def test_without_a_recipient_nobody_is_looked_at(judging: Doors, server: DnsServer) -> None:
    peer = await judging.connect(Role.MX, **STRANGERS)
    await peer.hello()
    await peer.say("MAIL FROM:<x@evil.test>")
    assert (await peer.say("RCPT TO:<nobody@sct.test>")).startswith("550")
    await peer.say("RSET")
    assert server.asked == []


async def test_what_the_peer_calls_itself_stays_harmless(judging: Doors, office: Office) -> None:
    peer = await judging.connect(Role.MX, **STRANGERS)
    await peer.say('EHLO x";dmarc=pass(header.from=gov.test)')
    await peer.say("MAIL FROM:<>")
    await peer.say("RCPT TO:<an@sct.test>")
    await peer.say("DATA")
    peer.send(dotted(LETTER.replace(b"an@gov.test", b"an@other.test")) + b".\r\n")
    assert (await peer.reply()).startswith("250")
    [stored] = office.mail("an")
    found = read_ours(stored)
    assert found is not None
    assert (found.dmarc.outcome, found.dmarc.domain, found.aligned) == (Outcome.NONE, "other.test", False)


async def test_two_from_fields_are_refused_whatever_they_prove(judging: Doors) -> None:
    said = await send(judging, b"From: x@evil.test\r\n" + dotted(LETTER), "x@evil.test")
    assert said.startswith("550 5.6.0")


@pytest.mark.parametrize("field", [b"", b"From:\r\n", b"From: undisclosed:;\r\n", b"From: <>\r\n"])
async def test_a_message_that_names_no_author_is_refused(judging: Doors, office: Office, field: bytes) -> None:
    """RFC 5322 §3.6; nobody's DMARC could be asked, so it would be a way around all of it (RFC 7489 §6.6.1)."""
    obey(judging, Mode.REJECT)
    said = await send(judging, field + b"Subject: x\r\n\r\nx\r\n")
    assert said.startswith("550 5.6.0 Thu thieu truong From")
    assert office.mail("an") == []


async def test_an_author_without_domain_and_a_report_without_author_go_to_junk(judging: Doors, office: Office) -> None:
    obey(judging, Mode.REJECT)
    assert (await send(judging, b"From: root\r\n\r\nx\r\n")).startswith("250")
    assert (await send(judging, b"Subject: Undelivered\r\n\r\nx\r\n", sender="")).startswith("250")
    assert len(office.mail("an", "Junk")) == 2


async def test_own_devices_need_no_author(judging: Doors, office: Office) -> None:
    """Scanners and the like in trusted networks are not looked at."""
    obey(judging, Mode.REJECT)
    assert (await send(judging, b"Subject: x\r\n\r\nx\r\n", trusted_networks=("127.0.0.0/8",))).startswith("250")
    assert len(office.mail("an")) == 1


async def test_a_message_in_chunks_is_judged_alike(judging: Doors, office: Office) -> None:
    peer = await judging.connect(Role.MX, **STRANGERS)
    await peer.hello()
    await peer.say("MAIL FROM:<x@evil.test>")
    await peer.say("RCPT TO:<an@sct.test>")
    data = FORGED + LETTER.replace(b"an@gov.test", b"an@other.test")
    peer.send(b"BDAT %d LAST\r\n%b" % (len(data), data))
    assert (await peer.reply()).startswith("250")
    [stored] = office.mail("an")
    found = read_ours(stored)
    assert found is not None
    assert (found.spf.outcome, found.dmarc.outcome, FORGED in stored) == (Outcome.PASS, Outcome.NONE, False)


async def test_each_agency_finds_it_where_its_own_setting_says(judging: Doors, office: Office) -> None:
    def work(tx: Tx) -> int:
        agency_id = agencies.create_agency_tx(tx, "SYT", "Sở Y tế", "syt.test", "syt")
        office.ids["tam"] = people.create_person_tx(tx, agency_id, PersonData("Lê", "Thị", "Tâm", local_part="tam"))
        return agency_id

    modes = {judging.store.db.write(work, SYSTEM): Mode.JUNK}

    def settings_of(agency_id: int | None) -> chain.Settings:
        return chain.Settings(SIZE, Settings(modes.get(agency_id or 0, Mode.ANNOTATE)))

    judging.delivery.policy = chain.standard(settings_of)
    peer = await judging.connect(Role.MX, **STRANGERS)
    assert (await peer.begin(["an@sct.test", "tam@syt.test"], "<x@evil.test>")).startswith("354")
    peer.send(dotted(LETTER) + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert (len(office.mail("an")), len(office.mail("tam")), len(office.mail("tam", "Junk"))) == (1, 0, 1)
