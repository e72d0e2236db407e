"""DATA over real sockets: what is stored, what is refused, and that nothing hides behind a dot."""

from __future__ import annotations

from mailserver.smtp.settings import Role
from tests.mailserver.smtp.conftest import Doors
from tests.support.office import Office

MESSAGE = b"From: x@elsewhere.test\r\nSubject: Hi\r\n\r\nHello\r\n"


async def test_a_message_arrives_octet_for_octet_behind_its_trace(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    assert (await peer.begin([office.address("an")])).startswith("354")
    peer.send(MESSAGE + b".\r\n")
    assert (await peer.reply()).startswith("250 2.0.0")
    (stored,) = office.mail("an")
    assert stored.endswith(MESSAGE)
    front = stored.removesuffix(MESSAGE).decode()
    assert front.startswith("Return-Path: <x@elsewhere.test>\r\nReceived: from peer.test ([127.0.0.1])\r\n")
    assert "with ESMTP id " in front
    assert "for <an@sct.test>;" in front
    assert await peer.say("QUIT") == "221 2.0.0 Bye"
    assert await peer.at_end()
