"""What one client may cost: errors, chatter, recipients, sessions, silence, slowness."""

from __future__ import annotations

import asyncio

import pytest

from mailserver.smtp import stream
from mailserver.smtp.settings import Role
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import Office

STRANGERS = {"trusted_networks": ()}


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


async def test_twenty_errors_end_the_session(doors: Doors) -> None:
    peer = await doors.connect(**STRANGERS)
    peer.send(b"FROB\r\n" * 30)
    answers = [await peer.reply() for _ in range(21)]
    assert [answer[:3] for answer in answers] == ["500"] * 20 + ["421"]
    assert await peer.at_end()


async def test_a_message_that_is_taken_forgives_earlier_errors(doors: Doors, office: Office) -> None:
    peer = await doors.connect(**STRANGERS)
    for _ in range(3):
        peer.send(b"FROB\r\n" * 15)
        assert {(await peer.reply())[:3] for _ in range(15)} == {"500"}
        await peer.begin([office.address("an")])
        peer.send(b"Subject: x\r\n\r\n.\r\n")
        assert (await peer.reply()).startswith("250")


async def test_errors_from_the_eleventh_on_are_held_back(doors: Doors) -> None:
    peer = await doors.connect(error_delay=30.0, **STRANGERS)
    peer.send(b"FROB\r\n" * 10)
    assert {(await peer.reply())[:3] for _ in range(10)} == {"500"}
    peer.send(b"FROB\r\nNOOP\r\n")
    try:
        async with asyncio.timeout(0.3):
            answer = await peer.reader.readline()
    except TimeoutError:
        answer = b""
    assert answer == b""


async def test_addresses_cannot_be_harvested_by_strangers_but_our_own_relay_may_err(doors: Doors) -> None:
    for changes, last in ((STRANGERS, "421"), ({}, "550")):
        peer = await doors.connect(**changes)
        await peer.hello()
        await peer.say("MAIL FROM:<x@y.test>")
        peer.send(b"".join(b"RCPT TO:<guess%d@sct.test>\r\n" % number for number in range(40)))
        answers = [(await peer.reply())[:3] for _ in range(21)]
        assert answers[:20] == ["550"] * 20
        assert answers[20] == last


async def test_the_recipient_after_the_last_is_put_off(doors: Doors, office: Office) -> None:
    peer = await doors.connect(max_recipients=3)
    await peer.hello()
    await peer.say("MAIL FROM:<x@y.test>")
    peer.send(b"".join(b"RCPT TO:<an+%d@sct.test>\r\n" % number for number in range(5)))
    assert [(await peer.reply())[:9] for _ in range(5)] == ["250 2.1.5"] * 3 + ["452 4.5.3"] * 2
    assert (await peer.say("DATA")).startswith("354")


async def test_endless_chatter_turns_into_errors(doors: Doors) -> None:
    peer = await doors.connect(max_junk_commands=5)
    peer.send(b"NOOP\r\n" * 6)
    assert [(await peer.reply())[:3] for _ in range(6)] == ["250"] * 5 + ["503"]


async def test_sessions_of_one_address_are_counted_and_counted_out(doors: Doors) -> None:
    port = await doors.open(Role.MX, max_sessions_per_address=2, **STRANGERS)
    first, second = await doors.peer(port), await doors.peer(port)
    assert first.greeting[:3] == second.greeting[:3] == "220"
    third = await doors.peer(port)
    assert third.greeting.startswith("421 4.7.0")
    assert await third.at_end()
    await first.say("QUIT")
    assert await first.at_end()
    assert (await doors.peer(port)).greeting.startswith("220")


async def test_strangers_may_not_come_too_often(doors: Doors) -> None:
    port = await doors.open(Role.MX, max_connections_a_minute=3, **STRANGERS)
    for greeting in ("220", "220", "220", "421"):
        peer = await doors.peer(port)
        assert peer.greeting.startswith(greeting)
        await peer.say("QUIT")


async def test_strangers_may_not_send_too_much(doors: Doors) -> None:
    peer = await doors.connect(max_messages_a_minute=2, **STRANGERS)
    await peer.hello()
    for answer in ("250 2.1.0", "250 2.1.0", "450 4.7.1"):
        assert (await peer.say("MAIL FROM:<x@y.test>")).startswith(answer)
        await peer.say("RSET")


async def test_a_flood_for_one_mailbox_is_put_off_and_the_others_get_theirs(
    doors: Doors, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    peer = await doors.connect(max_mail_of_a_mailbox=2, **STRANGERS)
    await peer.hello()
    for answer in ("250 2.1.5", "250 2.1.5", "450 4.2.1"):
        assert "a flood of mail" not in caplog.text
        await peer.say("MAIL FROM:<x@y.test>")
        assert (await peer.say(f"RCPT TO:<{office.address('an')}>")).startswith(answer)
        await peer.say("RSET")
    assert "a flood of mail" in caplog.text
    await peer.say("MAIL FROM:<x@y.test>")
    assert (await peer.say(f"RCPT TO:<{office.address('binh')}>")).startswith("250")


async def test_our_own_relay_may_bring_as_much_as_it_has(doors: Doors, office: Office) -> None:
    peer = await doors.connect(max_mail_of_a_mailbox=1, max_messages_a_minute=1)
    await peer.hello()
    for _ in range(3):
        assert (await peer.say("MAIL FROM:<x@y.test>")).startswith("250")
        assert (await peer.say(f"RCPT TO:<{office.address('an')}>")).startswith("250")
        await peer.say("RSET")


async def test_an_office_behind_one_address_is_not_counted(doors: Doors) -> None:
    port = await doors.open(Role.MX, max_sessions_per_address=2)
    assert {(await doors.peer(port)).greeting[:3] for _ in range(6)} == {"220"}


async def test_the_process_keeps_descriptors_for_itself(doors: Doors) -> None:
    port = await doors.open(Role.MX, max_sessions=2)
    peers = [await doors.peer(port) for _ in range(3)]
    assert [peer.greeting[:3] for peer in peers] == ["220", "220", "421"]


async def test_the_last_descriptors_of_the_process_are_for_the_store(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = await doors.open(Role.MX)
    monkeypatch.setattr(stream, "is_one_of_the_last", lambda _sock: True)
    refused = await doors.peer(port)
    assert refused.greeting.startswith("421 4.3.2")
    assert await refused.at_end()
    monkeypatch.undo()
    assert (await doors.peer(port)).greeting.startswith("220")


async def test_silence_ends_a_session(doors: Doors) -> None:
    peer = await doors.connect(idle_timeout=0.2)
    assert (await peer.reply()).startswith("421 4.4.2")
    assert await peer.at_end()


async def trickle(peer: Peer, pieces: int) -> None:
    for _ in range(pieces):
        peer.send(b"x" * 70 + b"\r\n")
        await asyncio.sleep(0.1)


async def test_a_steady_sender_may_take_longer_than_the_idle_limit(doors: Doors, office: Office) -> None:
    peer = await doors.connect(idle_timeout=5, min_data_rate=1)
    await peer.begin([office.address("an")])
    await trickle(peer, 60)
    peer.send(b".\r\n")
    assert (await peer.reply()).startswith("250")


async def test_a_sender_that_is_too_slow_is_cut_though_never_silent(doors: Doors, office: Office) -> None:
    peer = await doors.connect(idle_timeout=3, min_data_rate=10_000_000)
    await peer.begin([office.address("chi")])
    sending = asyncio.create_task(trickle(peer, 200))
    assert (await peer.reply()).startswith("421 4.4.2")
    sending.cancel()
    assert office.mail("chi") == []


async def test_a_command_that_comes_octet_by_octet_has_no_longer_than_others(doors: Doors) -> None:
    peer = await doors.connect(idle_timeout=0.5)
    answer = asyncio.create_task(peer.reply())
    async with asyncio.timeout(30):
        while not answer.done():
            peer.send(b"N")
            await asyncio.wait({answer}, timeout=0.05)
    assert (await answer).startswith("421")
    assert await peer.at_end()
