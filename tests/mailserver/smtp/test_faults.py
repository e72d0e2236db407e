"""When we fail, or the client goes away: nothing is lost, nothing comes twice, nothing leaks."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from mailserver.delivery.incoming import Incoming
from mailserver.policy import Case, Verdict
from mailserver.smtp.settings import Role
from mailserver.store import room
from mailserver.store.errors import StoreFull
from mailserver.store.room import Room
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import PATIENCE, Peer, until
from tests.support.office import Office

MESSAGE = b"From: x@elsewhere.test\r\nMessage-ID: <1@x>\r\nSubject: Hi\r\n\r\nHello\r\n"


async def send(peer: Peer, office: Office) -> str:
    await peer.begin([office.address("an")])
    peer.send(MESSAGE + b".\r\n")
    return await peer.reply()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (ZeroDivisionError("secret path /etc/x"), "451 4.3.0 Temporary failure, please try again later"),
        (OSError(28, "No space left on device"), "451 4.3.0 Temporary failure, please try again later"),
        (StoreFull(), "452 4.3.1 Insufficient storage, please try again later"),
    ],
)
async def test_a_fault_of_ours_is_temporary_and_the_session_goes_on(
    doors: Doors, office: Office, error: Exception, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    working = doors.delivery.policy

    def failing(case: Case) -> Verdict:
        if case.scanned is not None:
            raise error
        return working(case)

    peer = await doors.connect()
    doors.delivery.policy = failing
    with caplog.at_level(logging.CRITICAL):
        assert await send(peer, office) == answer
    doors.delivery.policy = working
    assert (await send(peer, office)).startswith("250")
    assert len(office.mail("an")) == 1


async def test_a_fault_in_a_command_is_temporary_too(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    def failing(case: Case) -> Verdict:
        raise RuntimeError("secret")

    doors.delivery.policy = failing
    peer = await doors.connect()
    await peer.hello()
    with caplog.at_level(logging.CRITICAL):
        assert (await peer.say("MAIL FROM:<x@y.test>")).startswith("451 4.3.0")
    assert (await peer.say("NOOP")).startswith("250")


async def test_a_spool_that_cannot_be_written_is_temporary_after_the_last_octet(
    doors: Doors, office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    peer = await doors.connect(spool_dir=tmp_path / "missing", size_limit=0)
    await peer.begin([office.address("an")])
    with caplog.at_level(logging.CRITICAL):
        peer.send(MESSAGE + b"x" * 5_000_000 + b"\r\n.\r\n")
        assert (await peer.reply()).startswith("451 4.3.0")
    assert (await send(peer, office)).startswith("250")


class Gate:
    """Holds every delivery until it is opened."""

    def __init__(self, doors: Doors) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self._deliver = doors.delivery.deliver
        doors.delivery.deliver = self._wait  # type: ignore[method-assign]

    async def _wait(self, incoming: Incoming) -> None:
        self.reached.set()
        await self.opened.wait()
        await self._deliver(incoming)


def reset(peer: Peer) -> None:
    """Go away with RST."""
    peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.writer.transport.abort()


def close(peer: Peer) -> None:
    """Go away with FIN, as a process that ends."""
    peer.writer.close()


@pytest.mark.parametrize("go_away", [reset, close])
async def test_a_client_that_hangs_up_during_the_commit_stops_nothing_and_comes_back_in_vain(
    doors: Doors, office: Office, go_away: Callable[[Peer], None]
) -> None:
    port = await doors.open(Role.MX)
    gate = Gate(doors)
    first = await doors.peer(port)
    await first.begin([office.address("an")])
    first.send(MESSAGE + b".\r\n")
    await gate.reached.wait()
    go_away(first)
    await until(lambda: all(one._reader.at_eof() for one in doors.servers[-1].door.connections))
    gate.opened.set()
    await until(lambda: len(office.mail("an")) == 1)
    assert (await send(await doors.peer(port), office)).startswith("250 2.0.0")
    assert len(office.mail("an")) == 1, "the message sent again was recognised"
    assert (await send(await doors.peer(port), office)).startswith("250 2.0.0")
    assert len(office.mail("an")) == 2, "sending it once more on purpose is no retry"


async def test_drain_ends_idle_sessions_and_finishes_what_is_under_way(doors: Doors, office: Office) -> None:
    port = await doors.open(Role.MX)
    gate = Gate(doors)
    idle, sending = await doors.peer(port), await doors.peer(port)
    await sending.begin([office.address("an")])
    sending.send(MESSAGE + b".\r\n")
    await gate.reached.wait()
    draining = asyncio.create_task(doors.servers[-1].drain(PATIENCE))
    assert (await idle.reply()).startswith("421 4.3.2")
    assert await idle.at_end()
    gate.opened.set()
    assert (await sending.reply()).startswith("250 2.0.0")
    assert (await sending.reply()).startswith("421 4.3.2")
    await draining
    assert len(office.mail("an")) == 1
    with pytest.raises(ConnectionRefusedError):
        await doors.peer(port)


async def test_drain_tells_and_cuts_those_who_do_not_finish(doors: Doors, office: Office) -> None:
    port = await doors.open(Role.MX)
    slow = await doors.peer(port)
    await slow.begin([office.address("an")])
    await doors.servers[-1].drain(0.1)
    assert (await slow.reply()).startswith("421 4.3.2")
    assert await slow.at_end()
    assert office.mail("an") == []


async def test_a_full_disk_is_told_before_the_bytes_are_sent(
    doors: Doors, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 1870 §6.1: 452, which is temporary, and only for what does not fit."""
    monkeypatch.setattr(room, "LOOKED_S", 0.0)  # what was seen while there was room counts no more
    monkeypatch.setattr(Room, "left", lambda _room: 5000)
    peer = await doors.connect()
    await peer.hello()
    full = "452 4.3.1 Insufficient storage, please try again later"
    assert await peer.say("MAIL FROM:<x@elsewhere.test> SIZE=5001") == full
    assert (await peer.say("MAIL FROM:<x@elsewhere.test> SIZE=5000")).startswith("250")
    monkeypatch.setattr(Room, "left", lambda _room: -1)
    assert (await peer.say("RSET")).startswith("250")
    assert await peer.say("MAIL FROM:<x@elsewhere.test>") == full
    monkeypatch.undo()
    assert (await send(peer, office)).startswith("250")
