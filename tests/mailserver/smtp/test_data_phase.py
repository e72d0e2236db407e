"""DATA over real sockets: what is stored, what is refused, and that nothing hides behind a dot."""

from __future__ import annotations

import os
from base64 import encodebytes

import pytest

from mailserver.policy import accept_all
from mailserver.smtp.settings import Role
from tests.mailserver.smtp.conftest import SIZE, Doors
from tests.support.office import Office

MESSAGE = b"From: x@elsewhere.test\r\nSubject: Hi\r\n\r\nHello\r\n"


def with_attachment(octets: int) -> bytes:
    """A message whose attachment has so many octets before base64."""
    body = encodebytes(os.urandom(octets)).replace(b"\n", b"\r\n")
    head = b"From: x@elsewhere.test\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + body


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


async def test_all_recipients_of_a_transaction_share_one_stored_message(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.begin([office.address("an"), office.address("tatca"), office.address("vanphong")])
    peer.send(MESSAGE + b".\r\n")
    assert (await peer.reply()).startswith("250")
    for name in ("an", "binh", "chi", "vanphong"):
        assert len(office.mail(name)) == 1, name
    count = doors.store.db.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM message").scalar())
    assert count == 1
    assert b"\tfor <" not in office.mail("an")[0]


async def test_pipelined_commands_are_answered_together_and_in_order(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.hello()
    peer.send(
        b"MAIL FROM:<x@y.test>\r\nRCPT TO:<an@sct.test>\r\nRCPT TO:<nobody@sct.test>\r\n"
        b"RCPT TO:<an@elsewhere.test>\r\nrcpt to: <Binh+x@SCT.test>\r\nDATA\r\n"
    )
    codes = [(await peer.reply())[:9] for _ in range(6)]
    assert codes == ["250 2.1.0", "250 2.1.5", "550 5.1.1", "550 5.7.1", "250 2.1.5", "354 End d"]
    peer.send(MESSAGE + b".\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n")
    assert [(await peer.reply())[:9] for _ in range(4)] == ["250 2.0.0", "250 2.1.0", "250 2.0.0", "221 2.0.0"]
    assert len(office.mail("an")) == len(office.mail("binh")) == 1


@pytest.mark.parametrize("ending", [b"\n.\n", b"\r.\r", b"\r\n.\n", b"\n.\r\n", b"\r\n.\r"])
async def test_a_smuggled_second_message_is_refused_with_the_first(doors: Doors, office: Office, ending: bytes) -> None:
    peer = await doors.connect()
    await peer.begin([office.address("an")])
    hidden = b"MAIL FROM:<boss@sct.test>\r\nRCPT TO:<binh@sct.test>\r\nDATA\r\nFrom: boss@sct.test\r\n\r\nPay!\r\n"
    peer.send(MESSAGE + ending + hidden + b".\r\n")
    assert (await peer.reply()).startswith("554 5.6.0")
    assert (await peer.say("NOOP")).startswith("250")
    assert office.mail("an") == office.mail("binh") == []


async def test_long_lines_and_dots_at_the_start_of_lines_survive(doors: Doors, office: Office) -> None:
    body = b"x" * 100_000 + b"\r\n.leading\r\n..two\r\n" + b"e" * 998 + b"\r\n"
    peer = await doors.connect()
    await peer.begin([office.address("an")])
    peer.send((MESSAGE + body).replace(b"\r\n.", b"\r\n..") + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert office.mail("an")[0].endswith(MESSAGE + body)


async def test_the_limit_counts_the_attachment_as_people_see_it(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    fits, does_not = with_attachment(SIZE.limit - 500), with_attachment(SIZE.limit + 1)
    assert len(fits) > SIZE.limit
    await peer.begin([office.address("an")])
    peer.send(fits + b".\r\n")
    assert (await peer.reply()).startswith("250")
    await peer.begin([office.address("an")])
    peer.send(does_not + b".\r\n")
    answer = await peer.reply()
    assert answer.startswith("552 5.3.4 Thu lon hon muc cho phep 0.2 MB")
    assert "(123/QD-SCT, Dieu 6 khoan 2)" in answer
    assert len(office.mail("an")) == 1


async def test_a_size_that_cannot_fit_is_refused_before_any_data(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    announced = doors.settings.size_limit
    assert f"250-SIZE {announced}\n" in await peer.hello()
    refusal = await peer.say(f"MAIL FROM:<x@y.test> SIZE={announced + 1}")
    assert refusal.startswith("552 5.3.4 Thu lon hon muc cho phep 0.2 MB")
    assert (await peer.say("DATA")).startswith("503")
    assert (await peer.say(f"MAIL FROM:<x@y.test> SIZE={announced}")).startswith("250")


async def test_a_client_that_lied_about_the_size_is_heard_to_the_end(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.hello()
    await peer.say("MAIL FROM:<x@y.test> SIZE=100")
    await peer.say("RCPT TO:<an@sct.test>")
    await peer.say("DATA")
    for _ in range(40):
        peer.send(b"y" * 100_000)
        await peer.writer.drain()
    peer.send(b"\r\n.\r\n")
    assert (await peer.reply()).startswith("552 5.3.4 Thu lon hon muc cho phep 0.2 MB")
    assert (await peer.say("NOOP")).startswith("250")
    assert list(doors.settings.spool_dir.iterdir()) == office.mail("an") == []


async def test_large_messages_go_through_the_spool_and_leave_it_empty(doors: Doors, office: Office) -> None:
    port = await doors.open(Role.MX, size_limit=0)
    doors.delivery.policy = accept_all
    peer = await doors.peer(port)
    large = with_attachment(3_000_000)
    await peer.begin([office.address("an")])
    peer.send(large + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert office.mail("an")[0].endswith(large)
    assert list(doors.settings.spool_dir.iterdir()) == []


async def test_a_broken_off_message_leaves_nothing(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.begin([office.address("an")])
    peer.send(MESSAGE)
    peer.writer.write_eof()
    assert await peer.at_end()
    assert office.mail("an") == []


async def test_a_client_that_closes_its_half_after_the_dot_gets_its_answer(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.begin([office.address("an")])
    peer.send(MESSAGE + b".\r\n")
    peer.writer.write_eof()
    assert (await peer.reply()).startswith("250")
    assert await peer.at_end()
    assert len(office.mail("an")) == 1
