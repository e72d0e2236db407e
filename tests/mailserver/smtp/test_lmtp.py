"""LMTP: one answer for each recipient (RFC 2033)."""

from __future__ import annotations

from mailserver.actor import SYSTEM
from mailserver.directory import groups
from mailserver.smtp.settings import Role
from mailserver.store.behaviours import Passing
from mailserver.store.database import Tx
from mailserver.store.errors import MoveRefused
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import Office

MESSAGE = b"From: x@elsewhere.test\r\n\r\nHello\r\n"


class Stubborn:
    """The INBOX of a service that takes nothing but detail `yes`."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        if passing.recipient_detail != "yes":
            raise MoveRefused("Không nhận thư này")

    def leaving(self, tx: Tx, passing: Passing) -> None:
        pass


def with_service(doors: Doors, office: Office) -> None:
    doors.store.db.behaviours = {"stubborn": Stubborn()}
    office.ids["vb"] = doors.store.db.write(
        lambda tx: groups.create_service_tx(tx, office.agency_id, "Văn bản", "vb", "stubborn"), SYSTEM
    )


async def envelope(peer: Peer, *recipients: str) -> None:
    assert (await peer.say("MAIL FROM:<x@elsewhere.test>")).startswith("250")
    for recipient in recipients:
        assert (await peer.say(f"RCPT TO:<{recipient}>")).startswith("250")
    assert (await peer.say("DATA")).startswith("354")


async def test_the_greeting_is_lhlo_alone(doors: Doors) -> None:
    peer = await doors.connect(Role.LMTP)
    assert peer.greeting == "220 mail.sct.test LMTP Vanthu"
    assert (await peer.say("EHLO x")).startswith("500")
    assert (await peer.say("HELO x")).startswith("500")
    assert "PIPELINING" in await peer.say("LHLO x")


async def test_each_recipient_has_its_own_answer_even_if_named_twice(doors: Doors, office: Office) -> None:
    peer = await doors.connect(Role.LMTP)
    await peer.say("LHLO x")
    await envelope(peer, "an@sct.test", "binh@sct.test", "an@sct.test")
    peer.send(MESSAGE + b".\r\n")
    assert [(await peer.reply())[:9] for _ in range(3)] == ["250 2.0.0"] * 3
    assert (await peer.say("NOOP")).startswith("250")
    assert len(office.mail("an")) == len(office.mail("binh")) == 1
    assert b"with LMTP id" in office.mail("an")[0]


async def test_one_mailbox_that_refuses_stops_no_other(doors: Doors, office: Office) -> None:
    with_service(doors, office)
    peer = await doors.connect(Role.LMTP)
    await peer.say("LHLO x")
    await envelope(peer, "an@sct.test", "vb+no@sct.test", "vb+yes@sct.test", "binh@sct.test")
    peer.send(MESSAGE + b".\r\n")
    answers = [await peer.reply() for _ in range(4)]
    assert [answer[:9] for answer in answers] == ["250 2.0.0", "550 5.7.1", "250 2.0.0", "250 2.0.0"]
    assert answers[1].startswith("550 5.7.1 Khong nhan thu nay / ")
    assert len(office.mail("vb")) == len(office.mail("an")) == len(office.mail("binh")) == 1


async def test_over_smtp_one_that_refuses_refuses_for_all(doors: Doors, office: Office) -> None:
    with_service(doors, office)
    peer = await doors.connect(Role.MX)
    await peer.begin(["an@sct.test", "vb+no@sct.test"])
    peer.send(MESSAGE + b".\r\n")
    assert (await peer.reply()).startswith("550 5.7.1 Khong nhan thu nay")
    assert office.mail("an") == office.mail("vb") == []
    await peer.begin(["an@sct.test", "vb+yes@sct.test"])
    peer.send(MESSAGE + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert len(office.mail("vb")) == len(office.mail("an")) == 1


async def test_a_message_that_is_too_large_is_refused_once_for_each(doors: Doors, office: Office) -> None:
    peer = await doors.connect(Role.LMTP, size_limit=1000)
    await peer.say("LHLO x")
    await envelope(peer, "an@sct.test", "binh@sct.test")
    peer.send(b"x" * 2000 + b"\r\n.\r\n")
    assert [(await peer.reply())[:9] for _ in range(2)] == ["552 5.3.4"] * 2
