"""NOTIFY, ORCPT, RET and ENVID (RFC 3461): read with limits, kept as they came, handed to delivery."""

from __future__ import annotations

from base64 import b64encode

import pytest

from mailserver.delivery.envelope import NO_WISHES, Notify, Ret, Wish, Wishes, from_xtext, to_xtext
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.keeping import Notice
from mailserver.smtp import notification
from mailserver.smtp.settings import Role
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.support.office import PASSWORD, Office

MESSAGE = b"From: an@sct.test\r\n\r\nHello\r\n"


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


@pytest.fixture
def delivered(doors: Doors) -> list[Incoming]:
    """What comes to delivery; it is delivered too."""
    seen: list[Incoming] = []
    deliver = doors.delivery.deliver

    async def watched(incoming: Incoming) -> list[Notice]:
        seen.append(incoming)
        return await deliver(incoming)

    doors.delivery.deliver = watched  # type: ignore[method-assign]
    return seen


async def test_every_door_announces_and_keeps_them(doors: Doors, office: Office, delivered: list[Incoming]) -> None:
    for role in (Role.MX, Role.SUBMISSION, Role.LMTP):
        peer = await doors.connect(role)
        hello = await peer.say("LHLO x" if role is Role.LMTP else "EHLO x")
        assert "\n250-DSN\n" in hello
        if role is Role.SUBMISSION:
            await peer.say("AUTH PLAIN " + b64encode(f"\x00an@sct.test\x00{PASSWORD}".encode()).decode())
        for command in (
            "MAIL FROM:<an@sct.test> RET=hdrs ENVID=QQ314159+2Baa",
            "RCPT TO:<binh@sct.test> NOTIFY=SUCCESS,delay ORCPT=rfc822;Binh+2Bx@SCT.test",
            "RCPT TO:<chi@sct.test> NOTIFY=NEVER",
            "RCPT TO:<an@sct.test>",
        ):
            assert (await peer.say(command)).startswith("250"), command
        assert (await peer.say("DATA")).startswith("354")
        peer.send(MESSAGE + b".\r\n")
        assert (await peer.reply()).startswith("250")
        wishes = delivered[-1].wishes
        assert (wishes.ret, wishes.envid) == (Ret.HDRS, "QQ314159+aa")
        asked = Wish(frozenset({Notify.SUCCESS, Notify.DELAY}), "rfc822;Binh+x@SCT.test")
        assert wishes.for_("binh@sct.test") == asked
        assert wishes.for_("chi@sct.test") == Wish(frozenset({Notify.NEVER}))
        assert wishes.for_("an@sct.test") == Wish()


async def test_the_next_message_begins_without_wishes(doors: Doors, office: Office, delivered: list[Incoming]) -> None:
    peer = await doors.connect()
    await peer.hello()
    await peer.say("MAIL FROM:<x@y.test> RET=FULL ENVID=1")
    await peer.say("RCPT TO:<an@sct.test> NOTIFY=NEVER")
    await peer.say("RSET")
    await peer.begin(["an@sct.test"])
    peer.send(MESSAGE + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert delivered[-1].wishes == NO_WISHES


@pytest.mark.parametrize(
    "parameter",
    ["RET", "RET=", "RET=ALL", "ENVID", "ENVID=+2", "ENVID=a+00b", "ENVID=a+0D+0Ab", "ENVID=é", "ENVID=" + "x" * 101],
)
async def test_bad_parameters_of_mail(doors: Doors, office: Office, parameter: str) -> None:
    peer = await doors.connect()
    await peer.hello()
    assert (await peer.say(f"MAIL FROM:<x@y.test> {parameter}")).startswith("501 5.5.4")
    assert (await peer.say("MAIL FROM:<x@y.test> RET=FULL ENVID=" + "x" * 100)).startswith("250")


@pytest.mark.parametrize(
    "parameter",
    [
        "NOTIFY",
        "NOTIFY=ALWAYS",
        "NOTIFY=NEVER,SUCCESS",
        "NOTIFY=SUCCESS,SUCCESS",
        "NOTIFY=SUCCESS,",
        "NOTIFY=NEVER NOTIFY=NEVER",
        "ORCPT",
        "ORCPT=an@sct.test",
        "ORCPT=;an@sct.test",
        "ORCPT=rfc822;",
        "ORCPT=rfc822;an+0D@sct.test",
        "ORCPT=rfc822;é@sct.test",
        "ORCPT=rfc822;" + "x" * 500,
        "RET=FULL",
    ],
)
async def test_bad_parameters_of_rcpt(doors: Doors, office: Office, parameter: str) -> None:
    peer = await doors.connect()
    await peer.hello()
    await peer.say("MAIL FROM:<x@y.test>")
    assert (await peer.say(f"RCPT TO:<an@sct.test> {parameter}"))[:9] in ("501 5.5.4", "555 5.5.4")
    assert (await peer.say("DATA")).startswith("503"), "the recipient was not taken"


def test_what_nobody_asked_for_is_told_by_default() -> None:
    """RFC 3461 §4.1."""
    assert [what for what in Notify if Wish().wants(what)] == [Notify.FAILURE, Notify.DELAY]
    assert [what for what in Notify if Wish(frozenset({Notify.SUCCESS})).wants(what)] == [Notify.SUCCESS]
    assert not any(Wish(frozenset({Notify.NEVER})).wants(what) for what in Notify if what is not Notify.NEVER)
    assert Wishes().for_("an@sct.test") == Wish()


def test_an_address_of_type_utf_8_may_come_as_it_is() -> None:
    """RFC 6533 §3."""
    assert notification.of_recipient({"ORCPT": "utf-8;nguyễn@sở.test"}).orcpt == "utf-8;nguyễn@sở.test"
    assert notification.of_recipient({"ORCPT": "utf-8;a+2Bb@x"}).orcpt == "utf-8;a+b@x"


@pytest.mark.parametrize("text", ["abc", "a+b=c d", "Case Stays", "~!"])
def test_xtext_comes_back_as_it_was(text: str) -> None:
    assert from_xtext(to_xtext(text)) == text
    assert "=" not in to_xtext(text)
    assert " " not in to_xtext(text)
