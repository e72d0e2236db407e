"""Attacks on the wire: smuggling, injection before TLS, other protocols, floods of rubbish."""

from __future__ import annotations

import asyncio
import random
import ssl
from base64 import b64encode

import pytest

from mailserver.smtp.settings import Role
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.mailserver.smtp.test_data import SMUGGLING
from tests.support.office import PASSWORD, Office

FRONT = b"From: x@elsewhere.test\r\nSubject: outer\r\n\r\nHello\r\n"
INNER = (
    b"MAIL FROM:<boss@sct.test>\r\nRCPT TO:<binh@sct.test>\r\nDATA\r\n"
    b"From: boss@sct.test\r\nSubject: inner\r\n\r\nPay!\r\n.\r\n"
)
STRANGERS = {"trusted_networks": ()}
PLAIN = b64encode(f"\x00an@sct.test\x00{PASSWORD}".encode()).decode()


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("ending", SMUGGLING)
async def test_nothing_but_the_end_of_data_ends_it(doors: Doors, office: Office, ending: bytes, at_once: bool) -> None:
    """CVE-2023-51764, -51765, -51766, CVE-2024-27305, VU#302671: one message went in, so one answer
    comes out, whether its octets come in one packet or in several."""
    peer = await doors.connect()
    before = len(office.mail("binh"))
    await peer.begin([office.address("an")])
    for piece in [FRONT + ending + INNER] if at_once else [FRONT, ending, INNER]:
        peer.send(piece)
        await peer.writer.drain()
        await asyncio.sleep(0)
    assert (await peer.reply())[:3] in ("554", "250")
    assert await peer.say("NOOP") == "250 2.0.0 Ok", "no second message was begun"
    assert len(office.mail("binh")) == before


async def test_a_smuggler_who_pipelines_gets_no_further(doors: Doors, office: Office) -> None:
    """All in one packet, as in "SMTP Smuggling" (SEC Consult, 2023)."""
    peer = await doors.connect()
    before = len(office.mail("binh"))
    await peer.hello()
    peer.send(b"MAIL FROM:<x@y.test>\r\nRCPT TO:<an@sct.test>\r\nDATA\r\n" + FRONT + b"\n.\r\n" + INNER + b"NOOP\r\n")
    assert [(await peer.reply())[:3] for _ in range(5)] == ["250", "250", "354", "554", "250"]
    assert len(office.mail("binh")) == before


@pytest.mark.parametrize("ending", [b"\n.\n", b"\r.\r", b"\r\n.\r", b"\n.\r\n"])
async def test_what_our_own_clients_send_is_mended_and_ends_where_it_should(
    doors: Doors, office: Office, ending: bytes
) -> None:
    """Mended after the end was found (Postfix `smtpd_forbid_bare_newline = normalize` looks before it)."""
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    await peer.say(f"AUTH PLAIN {PLAIN}")
    before = len(office.mail("binh"))
    for command in ("MAIL FROM:<an@sct.test>", "RCPT TO:<chi@sct.test>", "DATA"):
        await peer.say(command)
    peer.send(b"From: an@sct.test\r\n\r\nHello" + ending + INNER)
    assert (await peer.reply()).startswith("250")
    assert await peer.say("NOOP") == "250 2.0.0 Ok"
    (stored,) = office.mail("chi", last=1)
    assert b"\r\nMAIL FROM:<boss@sct.test>\r\n" in stored
    assert stored.replace(b"\r\n", b"").count(b"\n") == stored.replace(b"\r\n", b"").count(b"\r") == 0
    assert len(office.mail("binh")) == before


@pytest.mark.parametrize(
    "injected",
    [
        b"NOOP\r\n",
        b"EHLO evil.test\r\nAUTH PLAIN " + PLAIN.encode() + b"\r\n",
        b"EHLO evil.test\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<an@sct.test>\r\nDATA\r\n",
        b"BDAT 100000 LAST\r\n",
        b"\x16\x03\x01",
        b"half a comm",
    ],
)
async def test_what_stands_behind_starttls_in_the_clear_is_never_heard(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext, injected: bytes
) -> None:
    """CVE-2011-0411, CVE-2021-33515, NO STARTTLS (USENIX Security 2021)."""
    peer = await doors.connect(Role.SUBMISSION, tls=tls)
    await peer.hello()
    peer.send(b"STARTTLS\r\n" + injected)
    assert (await peer.reply()).startswith("220")
    await peer.upgrade(trusting)
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("503 5.5.1 Say hello")
    assert "AUTH" in await peer.hello()
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("530 5.7.0 Authentication")


async def test_a_transaction_and_a_sign_in_do_not_outlive_starttls(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """RFC 3207 §4.2."""
    peer = await doors.connect(Role.SUBMISSION, tls=tls)
    await peer.hello()
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("235")
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("250")
    assert (await peer.say("RCPT TO:<binh@sct.test>")).startswith("250")
    peer.send(b"BDAT 21\r\nFrom: an@sct.test\r\n\r\n")
    assert (await peer.reply()).startswith("250")
    assert (await peer.say("STARTTLS")).startswith("220")
    await peer.upgrade(trusting)
    peer.send(b"BDAT 0 LAST\r\n")
    assert (await peer.reply()).startswith("503 5.5.1 Need MAIL")
    await peer.hello()
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("530")


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,  # TLS where none is spoken
        b"a001 LOGIN an secret\r\n" * 25,
        b"\x80\x67\x01\x03\x01" + b"\x00" * 500,
        b"USER an\r\nPASS secret\r\n" * 15,
        b"\n" * 100,
        b"\x00" * 20_000 + b"\r\n" * 25,
    ],
)
async def test_other_protocols_are_errors_and_twenty_of_them_the_end(doors: Doors, octets: bytes) -> None:
    port = await doors.open(Role.MX, **STRANGERS)
    peer = await doors.peer(port)
    peer.send(octets + b"\r\n" + b"QUIT\r\n")
    answers = (await asyncio.wait_for(peer.reader.read(), 60)).decode().splitlines()
    assert {answer[:3] for answer in answers[:-1]} <= {"500", "501", "503"}
    assert answers[-1][:3] in ("221", "421")
    assert len(answers) <= 21
    assert (await doors.peer(port)).greeting.startswith("220")


async def test_rubbish_on_many_connections_disturbs_nobody(doors: Doors, office: Office) -> None:
    """RELIABILITY "pipelined garbage": each is cut after twenty errors, and the next one is served."""
    port = await doors.open(Role.MX, **STRANGERS)
    rubbish = random.Random(1).randbytes(200_000)

    async def pour() -> bytes:
        peer = await doors.peer(port)
        peer.send(rubbish)
        return await asyncio.wait_for(peer.reader.read(), 60)

    poured = [asyncio.create_task(pour()) for _ in range(30)]
    peer = await doors.peer(port)
    await peer.begin([office.address("an")])
    peer.send(FRONT + b".\r\n")
    assert (await peer.reply()).startswith("250")
    for answers in await asyncio.gather(*poured, return_exceptions=True):
        if isinstance(answers, bytes):  # else reset, with what was left unread
            assert answers.count(b"\r\n") <= 21


async def test_floods_of_good_commands_end_too(doors: Doors) -> None:
    port = await doors.open(Role.MX, **STRANGERS)
    for flood in (b"NOOP\r\n", b"RSET\r\n", b"EHLO x\r\n", b"VRFY a\r\n", b"MAIL FROM:<a@b.test>\r\nRSET\r\n"):
        peer = await doors.peer(port)
        peer.send(b"EHLO x\r\n" + flood * 200)
        answers = (await asyncio.wait_for(peer.reader.read(), 60)).decode().splitlines()
        assert answers[-1].startswith("421 4.7.0 Too many errors")


async def test_ten_thousand_recipients_are_put_off_after_the_last_that_fits(doors: Doors, office: Office) -> None:
    """RFC 5321 §4.5.3.1.10: 452, and those who were taken stay."""
    peer = await doors.connect()
    assert "LIMITS RCPTMAX=1000" in await peer.hello()
    await peer.say("MAIL FROM:<x@y.test>")
    peer.send(b"".join(b"RCPT TO:<an+%d@sct.test>\r\n" % number for number in range(10_000)))
    codes = [(await peer.reply())[:9] for _ in range(10_000)]
    assert codes == ["250 2.1.5"] * 1000 + ["452 4.5.3"] * 9000
    assert (await peer.say("DATA")).startswith("354")


async def test_bad_base64_costs_its_sender_only(doors: Doors) -> None:
    """CVE-2025-59028: there one client's rubbish made the server busy for all."""
    port = await doors.open(Role.SUBMISSION)

    async def spoil() -> Peer:
        peer = await doors.peer(port)
        await peer.hello()
        for _ in range(5):
            assert (await peer.say("AUTH PLAIN !!!!")).startswith("501")
        return peer

    async def sign_in() -> None:
        peer = await doors.peer(port)
        await peer.hello()
        assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("235")

    spoilers = await asyncio.gather(*(spoil() for _ in range(5)), *(sign_in() for _ in range(20)))
    assert isinstance(spoilers[0], Peer)
    assert (await spoilers[0].say(f"AUTH PLAIN {PLAIN}")).startswith("235")


@pytest.mark.parametrize(
    "command",
    [
        "EHLO x<script>alert(1)</script>",
        "EHLO [127.0.0.1] (evil)",
        "EHLO a@b",
        "MAIL FROM:<a\u2028b@c.test> SMTPUTF8",
        "RCPT TO:<a@b\u0085c.test>",
        "VRFY \u202eevil",
        "HELP \u2029250 OK",
    ],
)
async def test_no_reply_carries_what_a_peer_said(doors: Doors, office: Office, command: str) -> None:
    """Response splitting: what stands in a name or an address never becomes part of an answer."""
    peer = await doors.connect()
    await peer.hello()
    answer = await peer.say(command)
    assert all(line.isascii() and line.isprintable() for line in answer.split("\n"))
    assert "evil" not in answer
    assert "script" not in answer
    assert await peer.say("NOOP") == "250 2.0.0 Ok"
