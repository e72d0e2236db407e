"""Every command around DATA: right use, wrong use, wrong order."""

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


async def test_ehlo_announces_what_the_door_can(doors: Doors) -> None:
    peer = await doors.connect()
    assert peer.greeting == "220 mail.sct.test ESMTP Vanthu"
    lines = (await peer.hello()).split("\n")
    assert lines[0] == "250-mail.sct.test"
    assert {line[4:].split(" ")[0] for line in lines[1:]} == {
        "SIZE",
        "8BITMIME",
        "SMTPUTF8",
        "PIPELINING",
        "CHUNKING",
        "ENHANCEDSTATUSCODES",
        "DSN",
        "LIMITS",
    }
    assert await peer.say("HELO old.test") == "250 mail.sct.test"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("NOOP", "250 2.0.0"),
        ("NOOP anything", "250 2.0.0"),
        ("RSET", "250 2.0.0"),
        ("RSET x", "501 5.5.4"),
        ("VRFY an", "252 2.0.0"),
        ("VRFY", "501 5.5.4"),
        ("EXPN tatca", "502 5.5.1"),
        ("HELP", "214 2.0.0"),
        ("EHLO", "501 5.5.4"),
        ("EHLO " + "a" * 300, "501 5.5.4"),
        ("LHLO x", "500 5.5.2"),
        ("FROB", "500 5.5.2"),
        ("", "500 5.5.2"),
        ("STARTTLS", "454 4.7.0"),
        ("AUTH PLAIN AGFuAGI=", "502 5.5.1"),
        ("MAIL", "501 5.5.4"),
        ("MAIL <a@b.test>", "501 5.5.4"),
        ("MAIL FROM:", "553 5.1.7"),
        ("MAIL FROM:<a b@c.test>", "553 5.1.7"),
        ("MAIL FROM:<a@b.test> SIZE=x", "501 5.5.4"),
        ("MAIL FROM:<a@b.test> SIZE=-1", "501 5.5.4"),
        ("MAIL FROM:<a@b.test> SIZE", "501 5.5.4"),
        ("MAIL FROM:<a@b.test> BODY=9BIT", "501 5.5.4"),
        ("MAIL FROM:<a@b.test> FROB=1", "555 5.5.4"),
        ("MAIL FROM:<nguyễn@b.test>", "553 5.6.7"),
        ("MAIL FROM:<nguyễn@b.test> SMTPUTF8", "250 2.1.0"),
        ("MAIL FROM:<nguyễn@b.test> SMTPUTF8=1", "501 5.5.4"),
        ("MAIL FROM:<a@b.test> BODY=8bitmime size=10", "250 2.1.0"),
        ("MAIL FROM: <a@b.test>", "250 2.1.0"),
        ("mail from:<>", "250 2.1.0"),
        ("MAIL FROM:<a@b.test> AUTH=<>", "250 2.1.0"),
        ("RCPT TO:<an@sct.test>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
    ],
)
async def test_answers_after_hello(doors: Doors, command: str, code: str) -> None:
    peer = await doors.connect()
    await peer.hello()
    assert (await peer.say(command)).startswith(code)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("RCPT", "501 5.5.4"),
        ("RCPT TO:<>", "553 5.1.3"),
        ("RCPT TO:<an@sct.test> FROB=1", "555 5.5.4"),
        ("RCPT TO:<an@sct.test> =", "501 5.5.4"),
        ("RCPT TO:<ngườilạ@sct.test>", "553 5.6.7"),
        ("RCPT TO:<an@sct.test>", "250 2.1.5"),
        ("RCPT TO: <AN@Sct.Test.>", "250 2.1.5"),
        ("RCPT TO:<an+việc@sct.test>", "553 5.6.7"),
        ("RCPT TO:<an+viec@sct.test>", "250 2.1.5"),
        ("RCPT TO:<vanphong@sct.test>", "250 2.1.5"),
        ("RCPT TO:<tatca@sct.test>", "250 2.1.5"),
        ("RCPT TO:<nobody@sct.test>", "550 5.1.1"),
        ("RCPT TO:<an@elsewhere.test>", "550 5.7.1"),
        ('RCPT TO:<"an@elsewhere.test"@sct.test>', "550 5.1.1"),
        ("RCPT TO:<an%elsewhere.test@sct.test>", "550 5.1.1"),
        ("RCPT TO:<@sct.test:an@elsewhere.test>", "550 5.7.1"),
        ("MAIL FROM:<b@c.test>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("DATA x", "501 5.5.4"),
        ("RSET", "250 2.0.0"),
    ],
)
async def test_answers_within_a_transaction(doors: Doors, command: str, code: str) -> None:
    peer = await doors.connect()
    await peer.hello()
    assert (await peer.say("MAIL FROM:<x@y.test>")).startswith("250")
    assert (await peer.say(command)).startswith(code)


async def test_hello_comes_first(doors: Doors) -> None:
    peer = await doors.connect()
    assert (await peer.say("MAIL FROM:<a@b.test>")).startswith("503 5.5.1")


async def test_data_without_any_valid_recipient_invites_no_data(doors: Doors) -> None:
    peer = await doors.connect()
    await peer.hello()
    peer.send(b"MAIL FROM:<a@b.test>\r\nRCPT TO:<nobody@sct.test>\r\nDATA\r\n")
    assert [(await peer.reply())[:3] for _ in range(3)] == ["250", "550", "554"]


async def test_a_new_hello_and_rset_forget_the_transaction(doors: Doors) -> None:
    peer = await doors.connect()
    for forget in ("RSET", "EHLO again.test", "HELO again.test"):
        await peer.hello()
        assert (await peer.say("MAIL FROM:<a@b.test>")).startswith("250")
        assert (await peer.say(forget)).startswith("250")
        assert (await peer.say("RCPT TO:<an@sct.test>")).startswith("503")


@pytest.mark.parametrize(
    "octets",
    [
        b"MAIL FROM:<a\x00b@c.test>",
        b"MAIL FROM:<a\xff@c.test>",
        b"RCPT TO:<a\x07@c.test>",
        b"EHLO a\rb",
        b"NOOP \r250 hello",
        b"\x00\x01\x02",
        b"FROB\r250 OK",
    ],
)
async def test_control_octets_and_broken_utf8_are_refused_and_not_echoed(doors: Doors, octets: bytes) -> None:
    peer = await doors.connect()
    await peer.hello()
    peer.send(octets + b"\r\n")
    answer = await peer.reply()
    assert answer.startswith("50")
    assert answer.isprintable()
    assert (await peer.say("NOOP")).startswith("250")


async def test_an_overlong_line_is_answered_once_and_the_next_is_heard(doors: Doors) -> None:
    peer = await doors.connect()
    await peer.hello()
    peer.send(b"NOOP " + b"x" * 1_000_000 + b"\r\nNOOP\r\n")
    assert (await peer.reply()).startswith("500 5.5.2 Line too long")
    assert (await peer.reply()).startswith("250")


@pytest.mark.parametrize("verb", ["GET / HTTP/1.1", "POST /x HTTP/1.1", "CONNECT a:25", "Host: mail.sct.test"])
async def test_a_browser_is_hung_up_on(doors: Doors, verb: str) -> None:
    peer = await doors.connect()
    peer.send(verb.encode() + b"\r\nMAIL FROM:<a@b.test>\r\n")
    assert (await peer.reply()).startswith("421")
    assert await peer.at_end()


async def test_a_person_who_left_is_told_apart_from_one_who_never_was(doors: Doors, office: Office) -> None:
    from mailserver.actor import SYSTEM
    from mailserver.directory.people import leave_tx

    doors.store.db.write(lambda tx: leave_tx(tx, office.ids["chi"]), SYSTEM)
    peer = await doors.connect()
    await peer.hello()
    await peer.say("MAIL FROM:<x@y.test>")
    assert (await peer.say("RCPT TO:<chi@sct.test>")).startswith("550 5.1.6")
    assert (await peer.say("RCPT TO:<chin@sct.test>")).startswith("550 5.1.1")


async def test_utf8_recipients_and_sentences_with_smtputf8(doors: Doors) -> None:
    peer = await doors.connect()
    await peer.hello()
    assert (await peer.say("MAIL FROM:<nguyễn@y.test> SMTPUTF8")).startswith("250")
    assert await peer.say("RCPT TO:<ngườilạ@sct.test>") == "550 5.1.1 Không có địa chỉ này / No such address here"


async def test_postmaster_needs_no_domain(doors: Doors) -> None:
    peer = await doors.connect(Role.MX)
    await peer.hello()
    await peer.say("MAIL FROM:<>")
    assert (await peer.say("RCPT TO:<postmaster>"))[:3] in ("250", "450")
