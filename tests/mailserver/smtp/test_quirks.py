"""What real clients and real mail do beside the standard; each test names where it was seen."""

from __future__ import annotations

import pytest

from mailserver.smtp.settings import Role
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.support.office import Office


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


@pytest.mark.parametrize("space", ["", " ", "   "])
async def test_outlook_puts_a_space_behind_the_colon(doors: Doors, office: Office, space: str) -> None:
    """mox `smtpserver/server.go:1738`, Dovecot `whitespace-before-path`."""
    peer = await doors.connect()
    await peer.hello()
    assert (await peer.say(f"MAIL FROM:{space}<x@y.test> SIZE=100")).startswith("250")
    assert (await peer.say(f"RCPT TO:{space}<an@sct.test>")).startswith("250")


@pytest.mark.parametrize("body", ["", " BODY=7BIT", " BODY=8BITMIME"])
async def test_8_bit_mail_is_taken_whatever_was_said_of_it(doors: Doors, office: Office, body: str) -> None:
    """iOS does not say BODY=8BITMIME (mox `smtpserver/server.go:2168`)."""
    letter = "From: x@y.test\r\nSubject: Công văn\r\n\r\nKính gửi: Ông An\r\n".encode()
    peer = await doors.connect()
    await peer.hello()
    await peer.say(f"MAIL FROM:<x@y.test>{body}")
    await peer.say("RCPT TO:<an@sct.test>")
    await peer.say("DATA")
    peer.send(letter + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert office.mail("an", last=1)[0].endswith(letter)


@pytest.mark.parametrize("length", [998, 999, 1000, 1001, 1002, 4096, 150_000])
async def test_lines_may_be_longer_than_the_standard_says(doors: Doors, office: Office, length: int) -> None:
    """aiosmtpd #285, maddy #352, OpenSMTPD #1134: bounced by servers that count; kept as they are here."""
    letter = b"From: x@y.test\r\nSubject: " + b"s" * min(length, 4096) + b"\r\n\r\n" + b"x" * length + b"\r\nend\r\n"
    peer = await doors.connect(size_limit=0)
    await peer.begin([office.address("an")])
    peer.send(letter + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert office.mail("an", last=1)[0].endswith(letter)


async def test_local_parts_may_be_longer_than_64_octets(doors: Doors, office: Office) -> None:
    """aiosmtpd #257: bounce addresses of large senders are."""
    peer = await doors.connect()
    await peer.hello()
    sender = "bounces+SRS=" + "x" * 180 + "@elsewhere.test"
    assert (await peer.say(f"MAIL FROM:<{sender}>")).startswith("250")
    assert (await peer.say(f"RCPT TO:<an+{'x' * 100}@sct.test>")).startswith("250")
    assert (await peer.say(f"RCPT TO:<{'x' * 100}@sct.test>")).startswith("550 5.1.1")
    await peer.say("DATA")
    peer.send(b"From: x@y.test\r\n\r\n.\r\n")
    assert (await peer.reply()).startswith("250")
    assert office.mail("an", last=1)[0].startswith(f"Return-Path: <{sender}>\r\n".encode())


async def test_the_null_path_is_null(doors: Doors, office: Office) -> None:
    """aiosmtpd hands it over as the string "<>"."""
    peer = await doors.connect()
    await peer.begin([office.address("an")], sender="<>")
    peer.send(b"From: postmaster@y.test\r\n\r\n.\r\n")
    assert (await peer.reply()).startswith("250")
    assert office.mail("an", last=1)[0].startswith(b"Return-Path: <>\r\n")


async def test_the_case_of_parameters_that_mean_something_survives(doors: Doors, office: Office) -> None:
    """aiosmtpd writes parameters of MAIL in capitals, which makes another ENVID of it."""
    peer = await doors.connect()
    await peer.hello()
    await peer.say("mail from:<X@Y.test> envid=MixedCase ret=full")
    (connection,) = doors.servers[-1].door.connections
    assert connection.envelope.envid == "MixedCase"
    assert connection.envelope.sender == "X@Y.test"


async def test_an_overlong_command_does_not_lose_those_behind_it(doors: Doors, office: Office) -> None:
    """Each line gets one answer, also when they come in one packet."""
    peer = await doors.connect()
    await peer.hello()
    peer.send(
        b"MAIL FROM:<x@y.test>\r\nRCPT TO:<" + b"x" * 50_000 + b"@sct.test>\r\nRCPT TO:<an@sct.test>\r\n"
        b"RCPT TO:<" + b"y" * 5_000 + b"@sct.test>\r\nNOOP\r\n"
    )
    assert [(await peer.reply())[:9] for _ in range(5)] == [
        "250 2.1.0",
        "500 5.5.2",
        "250 2.1.5",
        "553 5.1.3",
        "250 2.0.0",
    ]


@pytest.mark.parametrize(
    ("front", "answer"),
    [
        (b"From: a@b.test\r\nFrom: c@d.test\r\n", "550 5.6.0"),
        (b"From: a@b.test\r\nX: y\r\nfrom:c@d.test\r\n", "550 5.6.0"),
        (b"From: a@b.test\r\nFROM \t: c@d.test\r\n", "550 5.6.0"),
        (b"From: a@b.test\r\nX-From: c@d.test\r\n From: e@f.test\r\n", "250 2.0.0"),
        (b"From: a@b.test\r\n\r\nFrom: c@d.test\r\n", "250 2.0.0"),
    ],
)
async def test_one_message_has_one_from_field(doors: Doors, office: Office, front: bytes, answer: str) -> None:
    """mox 2026-08-08; readers and filters would see different authors ("Composition Kills", USENIX 2020)."""
    for role in (Role.MX, Role.LMTP):
        peer = await doors.connect(role)
        await peer.say("LHLO x" if role is Role.LMTP else "EHLO x")
        for command in ("MAIL FROM:<x@y.test>", "RCPT TO:<an@sct.test>", "DATA"):
            await peer.say(command)
        peer.send(front + b"\r\nHello\r\n.\r\n")
        assert (await peer.reply()).startswith(answer)


async def test_quit_is_answered_also_in_the_middle_of_a_transaction(doors: Doors) -> None:
    peer = await doors.connect()
    await peer.hello()
    await peer.say("MAIL FROM:<x@y.test>")
    assert await peer.say("quit") == "221 2.0.0 Bye"
    assert await peer.at_end()


@pytest.mark.parametrize("line", ["NOOP\n", "NOOP  \r\n", "nOoP\r\n"])
async def test_commands_that_end_in_a_bare_lf_or_spaces_are_understood(doors: Doors, line: str) -> None:
    """Scripts and old printers; in a command nothing can hide behind it."""
    peer = await doors.connect()
    peer.send(line.encode())
    assert await peer.reply() == "250 2.0.0 Ok"
