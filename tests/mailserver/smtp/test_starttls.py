"""STARTTLS: what was said before it counts for nothing."""

from __future__ import annotations

import ssl

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


@pytest.mark.requirement("R-092")
async def test_the_session_starts_anew_under_tls(
    doors: Doors, office: Office, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    peer = await doors.connect(tls=tls)
    assert "STARTTLS" in await peer.hello()
    assert (await peer.say("MAIL FROM:<x@y.test>")).startswith("250")
    assert (await peer.say("STARTTLS")).startswith("220")
    await peer.upgrade(trusting)
    assert (await peer.say("RCPT TO:<an@sct.test>")).startswith("503")
    assert (await peer.say("MAIL FROM:<x@y.test>")).startswith("503 5.5.1 Say hello")
    assert "STARTTLS" not in await peer.hello()
    assert (await peer.say("STARTTLS")).startswith("503")
    await peer.begin([office.address("an")])
    peer.send(b"Subject: secret\r\n\r\n" + b"x" * 3_000_00 + b"\r\n.\r\n")
    assert (await peer.reply()).startswith("552")
    await peer.begin([office.address("an")])
    peer.send(b"Subject: secret\r\n\r\n.\r\n")
    assert (await peer.reply()).startswith("250")
    assert b"with ESMTPS id" in office.mail("an")[0]


async def test_what_was_pipelined_behind_starttls_is_dropped(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """CVE-2011-0411, CVE-2021-33515."""
    peer = await doors.connect(tls=tls)
    await peer.hello()
    peer.send(b"STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@x.test>\r\n")
    assert (await peer.reply()).startswith("220")
    await peer.upgrade(trusting)
    assert (await peer.say("NOOP")).startswith("250 2.0.0")
    assert (await peer.say("RCPT TO:<an@sct.test>")).startswith("503")


async def test_a_client_that_speaks_no_tls_after_all_is_let_go(doors: Doors, tls: ssl.SSLContext) -> None:
    port = await doors.open(Role.MX, tls=tls)
    peer = await doors.peer(port)
    await peer.hello()
    assert (await peer.say("STARTTLS")).startswith("220")
    peer.send(b"EHLO plain.test\r\n")
    assert b"250" not in await peer.reader.read()
    assert (await doors.peer(port)).greeting.startswith("220")


async def test_starttls_takes_no_argument(doors: Doors, tls: ssl.SSLContext) -> None:
    peer = await doors.connect(tls=tls)
    assert (await peer.say("STARTTLS now")).startswith("501")
