"""A full mailbox is refused at RCPT, before the bytes, and for now only (RFC 3463 §3.3: 4.2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from mailserver.actor import SYSTEM
from mailserver.smtp.settings import Role
from mailserver.store import quota
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.mailserver.smtp.test_submission import signed_in
from tests.support.office import Office

LETTER = b"From: an@sct.test\r\nSubject: x\r\n\r\nHi\r\n"
FULL = "452 4.2.2 "


def limit(office: Office, name: str, **limits: int | None) -> None:
    office.store.db.write(lambda tx: quota.limit_tx(tx, office.ids[name], **limits), SYSTEM)


async def begin(peer: Peer, *recipients: str, size: int = 0) -> list[str]:
    """The answers to the RCPT commands."""
    await peer.say(f"MAIL FROM:<an@sct.test>{f' SIZE={size}' if size else ''}")
    return [await peer.say(f"RCPT TO:<{name}@sct.test>") for name in recipients]


async def finish(peer: Peer) -> str:
    assert (await peer.say("DATA")).startswith("354")
    peer.send(LETTER + b".\r\n")
    return await peer.reply()


@pytest.mark.parametrize("role", [Role.MX, Role.SUBMISSION, Role.LMTP])
async def test_mail_is_taken_until_the_mailbox_is_full(doors: Doors, office: Office, role: Role) -> None:
    limit(office, "binh", messages=1)
    if role is Role.SUBMISSION:
        peer = await signed_in(doors)
    else:
        peer = await doors.connect(role)
        await peer.say(f"{'LHLO' if role is Role.LMTP else 'EHLO'} client.test")
    assert (await begin(peer, "binh"))[0].startswith("250")
    assert (await finish(peer)).startswith("250")
    answers = await begin(peer, "binh", "binh+detail", "chi")
    assert [answer[:10] for answer in answers] == [FULL, FULL, "250 2.1.5 "]
    assert (await finish(peer)).startswith("250")
    assert [len(office.mail(name)) for name in ("binh", "chi")] == [1, 1]


@pytest.mark.parametrize(("size", "answer"), [(1000, "250 "), (1001, FULL), (0, "250 ")])
async def test_a_size_that_the_client_gives_is_counted(doors: Doors, office: Office, size: int, answer: str) -> None:
    limit(office, "binh", octets=1000)
    peer = await doors.connect()
    await peer.hello()
    assert (await begin(peer, "binh", size=size))[0].startswith(answer)


async def test_a_change_of_the_limit_is_seen_at_once(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.hello()
    changes: list[tuple[dict[str, Any], str]] = [({}, "250 "), ({"octets": 1}, FULL), ({"octets": None}, "250 ")]
    for limits, answer in changes:
        limit(office, "binh", **limits)
        assert (await begin(peer, "binh", size=100))[0].startswith(answer)
        await peer.say("RSET")


async def test_a_group_s_mail_reaches_its_full_members_too(doors: Doors, office: Office) -> None:
    limit(office, "binh", octets=1)
    peer = await doors.connect()
    await peer.hello()
    assert (await begin(peer, "tatca"))[0].startswith("250")
    assert (await finish(peer)).startswith("250")
    assert len(office.mail("binh")) == 1
