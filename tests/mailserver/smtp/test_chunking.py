"""BDAT (RFC 3030) over real sockets: right use, wrong order, limits, and that no octet becomes a command."""

from __future__ import annotations

import os
from base64 import encodebytes
from pathlib import Path

import pytest

from mailserver.policy import accept_all
from mailserver.smtp.settings import Role
from mailserver.smtp.spool import IN_MEMORY
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer, until
from tests.support.office import PASSWORD, Office

MESSAGE = b"From: x@elsewhere.test\r\nSubject: Hi\r\n\r\n.\r\n..two\r\nHello\r\n"
HIDDEN = b"\r\n.\r\nMAIL FROM:<boss@sct.test>\r\nRCPT TO:<binh@sct.test>\r\nDATA\r\n"


async def begin(peer: Peer, *recipients: str, hello: str = "EHLO", sender: str = "x@elsewhere.test") -> None:
    assert (await peer.say(f"{hello} peer.test")).startswith("250")
    assert (await peer.say(f"MAIL FROM:<{sender}>")).startswith("250")
    for recipient in recipients or ("an@sct.test",):
        assert (await peer.say(f"RCPT TO:<{recipient}>")).startswith("250")


async def bdat(peer: Peer, octets: bytes, last: bool = False) -> str:
    peer.send(b"BDAT %d%b\r\n%b" % (len(octets), b" LAST" if last else b"", octets))
    return await peer.reply()


async def test_one_chunk_is_a_message(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    assert "CHUNKING" in await peer.hello()
    await begin(peer)
    assert (await bdat(peer, MESSAGE, last=True)).startswith("250 2.0.0 Ok: ")
    (stored,) = office.mail("an")
    assert stored.endswith(b"\r\n" + MESSAGE)
    assert b"with ESMTP id" in stored
    assert (await peer.say("RCPT TO:<an@sct.test>")).startswith("503"), "the transaction is over"


@pytest.mark.parametrize("size", [1, 7, 40])
async def test_chunks_are_joined_as_they_come_and_may_be_pipelined(doors: Doors, office: Office, size: int) -> None:
    peer = await doors.connect()
    await peer.hello()
    pieces = [MESSAGE[at : at + size] for at in range(0, len(MESSAGE), size)]
    wire = b"MAIL FROM:<x@y.test>\r\nRCPT TO:<an@sct.test>\r\n"
    wire += b"".join(b"bdat %d\r\n%b" % (len(piece), piece) for piece in pieces) + b"BDAT 0 LAST\r\nNOOP\r\n"
    peer.send(wire)
    answers = [await peer.reply() for _ in range(len(pieces) + 4)]
    assert answers[2 : len(pieces) + 2] == [f"250 2.0.0 {len(piece)} octets received" for piece in pieces]
    assert answers[-2].startswith("250 2.0.0 Ok: ")
    assert answers[-1] == "250 2.0.0 Ok"
    assert office.mail("an")[0].endswith(b"\r\n" + MESSAGE)


async def test_commands_that_come_with_the_last_octets_are_answered_after_it(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await begin(peer)
    peer.send(b"BDAT %d LAST\r\n%bMAIL FROM:<>\r\nRSET\r\nQUIT\r\n" % (len(MESSAGE), MESSAGE))
    assert [(await peer.reply())[:9] for _ in range(4)] == ["250 2.0.0", "250 2.1.0", "250 2.0.0", "221 2.0.0"]
    assert len(office.mail("an")) == 1


async def test_what_looks_like_an_end_or_a_command_is_content(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await begin(peer)
    content = MESSAGE + HIDDEN + b"BDAT 3 LAST\r\nabc"
    assert (await bdat(peer, content, last=True)).startswith("250")
    assert office.mail("an")[0].endswith(content), "octet for octet, without a line end that it does not have"
    assert office.mail("binh") == []


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ([], "503 5.5.1 Need MAIL"),
        (["MAIL FROM:<x@y.test>"], "503 5.5.1 Need RCPT"),
        (["MAIL FROM:<x@y.test>", "RCPT TO:<nobody@sct.test>"], "554 5.5.1 No valid"),
    ],
)
@pytest.mark.parametrize("last", [True, False])
async def test_without_mail_or_recipients_the_chunk_is_read_and_dropped(
    doors: Doors, office: Office, before: list[str], code: str, last: bool
) -> None:
    """stalwart 0.16.16, RFC 3030 §2."""
    peer = await doors.connect()
    await peer.hello()
    for command in before:
        await peer.say(command)
    assert (await bdat(peer, HIDDEN, last)).startswith(code)
    assert await peer.say("NOOP") == "250 2.0.0 Ok"
    assert office.mail("binh") == []


async def test_once_begun_nothing_but_more_of_it_or_rset_will_do(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await begin(peer)
    assert (await bdat(peer, b"From: x@y.test\r\n")).startswith("250")
    for command in ("DATA", "RCPT TO:<binh@sct.test>", "MAIL FROM:<x@y.test>"):
        assert (await peer.say(command)).startswith("503 5.5.1")
    assert (await peer.say("RSET")).startswith("250")
    assert (await bdat(peer, b"\r\n", last=True)).startswith("503 5.5.1 Need MAIL")
    await begin(peer)
    assert (await bdat(peer, MESSAGE, last=True)).startswith("250")
    (stored,) = office.mail("an")
    assert b"x@y.test" not in stored


@pytest.mark.parametrize("argument", ["", "LAST", "x", "-1", "1 FIRST", "1 LAST x", "0x10", "1" * 30])
async def test_a_length_that_cannot_be_read_ends_the_connection(doors: Doors, office: Office, argument: str) -> None:
    """Whatever follows might be content: it must not be heard as commands."""
    peer = await doors.connect()
    await begin(peer)
    peer.send(f"BDAT {argument}".encode() + b"\r\nRSET\r\nMAIL FROM:<x@y.test>\r\n")
    assert (await peer.reply()).startswith("501 5.5.4")
    assert await peer.at_end()


async def test_a_message_over_the_limit_is_refused_and_the_rest_dropped(doors: Doors, office: Office) -> None:
    peer = await doors.connect(size_limit=1000)
    await begin(peer)
    assert (await bdat(peer, b"x" * 600)).startswith("250 2.0.0 600")
    assert (await bdat(peer, b"x" * 600)).startswith("552 5.3.4")
    assert (await bdat(peer, b"x" * 10)).startswith("552 5.3.4"), "what failed stays so"
    assert (await bdat(peer, b"x" * 10, last=True)).startswith("552 5.3.4")
    await begin(peer)
    assert (await bdat(peer, MESSAGE, last=True)).startswith("250")
    assert len(office.mail("an")) == 1


async def test_a_chunk_of_a_gigabyte_is_refused_at_the_limit_and_kept_nowhere(doors: Doors, office: Office) -> None:
    """The octets are read on, so that none is heard as a command; only some of them are sent here."""
    peer = await doors.connect()
    await begin(peer)
    peer.send(b"BDAT 1000000000 LAST\r\n")
    for _ in range(40):
        peer.send(b"MAIL FROM:<x@y.test>\r\n" * 5000)
        await peer.writer.drain()
    (connection,) = doors.servers[-1].door.connections
    await until(lambda: connection.envelope.chunked.body.received > 4_000_000)
    assert connection.envelope.chunked.spool.size == 0
    assert list(doors.settings.spool_dir.iterdir()) == []
    peer.writer.write_eof()
    assert await peer.at_end()
    assert office.mail("an") == []


async def test_a_large_message_goes_through_the_spool(doors: Doors, office: Office) -> None:
    peer = await doors.connect(size_limit=0)
    doors.delivery.policy = accept_all
    body = encodebytes(os.urandom(3_000_000)).replace(b"\n", b"\r\n")
    large = b"From: x@y.test\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    await begin(peer)
    third = len(large) // 3
    assert (await bdat(peer, large[:third])).startswith("250")
    assert (await bdat(peer, large[third : 2 * third])).startswith("250")
    assert (await bdat(peer, large[2 * third :], last=True)).startswith("250")
    assert office.mail("an")[0].endswith(large)


@pytest.mark.parametrize("end", [b"RSET\r\n", b"QUIT\r\n", b"EHLO again\r\n", b""])
async def test_a_message_that_is_given_up_gives_its_spool_back(doors: Doors, office: Office, end: bytes) -> None:
    peer = await doors.connect(size_limit=0)
    await begin(peer)
    assert (await bdat(peer, b"x" * (IN_MEMORY + 200_000))).startswith("250")
    (connection,) = doors.servers[-1].door.connections
    spool = connection.envelope.chunked.spool
    assert spool._file is not None
    peer.send(end)
    if not end:
        peer.writer.write_eof()
    await until(lambda: spool._file is None)
    assert office.mail("an") == []


@pytest.mark.parametrize(
    "content", [b"From: x@y.test\r\n\r\na\nb\r\n", b"From: x@y.test\r\n\r\na\rb\r\n", MESSAGE + b"\r"]
)
async def test_half_line_ends_are_refused_from_strangers(doors: Doors, office: Office, content: bytes) -> None:
    """Here they hide nothing, but the next server may get the message by DATA (CVE-2023-51764)."""
    peer = await doors.connect()
    await begin(peer)
    assert (await bdat(peer, content, last=True)).startswith("554 5.6.0")
    await begin(peer)
    assert (await bdat(peer, content[:-1])).startswith(("250", "554"))
    assert (await bdat(peer, content[-1:], last=True)).startswith("554 5.6.0")
    assert office.mail("an") == []


async def test_a_line_end_may_be_cut_between_two_chunks(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await begin(peer)
    at = MESSAGE.index(b"\r\n") + 1
    assert (await bdat(peer, MESSAGE[:at])).startswith("250")
    assert (await bdat(peer, MESSAGE[at:], last=True)).startswith("250")
    assert office.mail("an")[0].endswith(MESSAGE)


async def test_half_line_ends_of_our_own_clients_are_mended(doors: Doors, office: Office) -> None:
    from base64 import b64encode

    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    await peer.say("AUTH PLAIN " + b64encode(f"\x00an@sct.test\x00{PASSWORD}".encode()).decode())
    await begin(peer, "binh@sct.test", sender="an@sct.test")
    assert (await bdat(peer, b"From: an@sct.test\n\none\rtwo\n", last=True)).startswith("250")
    assert office.mail("binh")[0].endswith(b"From: an@sct.test\r\n\r\none\r\ntwo\r\n")


async def test_over_lmtp_each_recipient_has_an_answer_to_the_last_chunk(doors: Doors, office: Office) -> None:
    peer = await doors.connect(Role.LMTP, size_limit=1000)
    await begin(peer, "an@sct.test", "binh@sct.test", hello="LHLO")
    assert (await bdat(peer, MESSAGE)).startswith("250 2.0.0")
    assert [(await bdat(peer, b"", last=True))[:9], (await peer.reply())[:9]] == ["250 2.0.0"] * 2
    await begin(peer, "an@sct.test", "binh@sct.test", hello="LHLO")
    assert (await bdat(peer, b"x" * 2000)).startswith("552 5.3.4")
    assert [(await bdat(peer, b"x", last=True))[:9], (await peer.reply())[:9]] == ["552 5.3.4"] * 2
    assert len(office.mail("an")) == len(office.mail("binh")) == 1


async def test_a_spool_that_cannot_be_written_is_temporary(doors: Doors, office: Office, tmp_path: Path) -> None:
    peer = await doors.connect(spool_dir=tmp_path / "missing", size_limit=0)
    await begin(peer)
    assert (await bdat(peer, b"x" * (IN_MEMORY + 200_000))).startswith("451 4.3.0")
    assert (await bdat(peer, b"x" * 10, last=True)).startswith("451 4.3.0")
    await begin(peer)
    assert (await bdat(peer, MESSAGE, last=True)).startswith("250")


async def test_binary_content_is_not_offered(doors: Doors) -> None:
    peer = await doors.connect()
    assert "BINARYMIME" not in await peer.hello()
    assert (await peer.say("MAIL FROM:<x@y.test> BODY=BINARYMIME")).startswith("501 5.5.4")


async def test_empty_chunks_for_ever_are_chatter(doors: Doors) -> None:
    peer = await doors.connect(max_junk_commands=3)
    await begin(peer)
    peer.send(b"BDAT 0\r\n" * 5)
    assert "503" in [(await peer.reply())[:3] for _ in range(5)]
