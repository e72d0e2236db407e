"""Two agencies on one server, each with a size limit of its own."""

from __future__ import annotations

from base64 import b64encode

import pytest

from mailbox_policies import chain
from mailbox_policies.rules.message_size import Settings, announced_size
from mailserver.actor import SYSTEM
from mailserver.directory import agencies, groups, people
from mailserver.directory.records import PersonData
from mailserver.smtp.settings import Role
from mailserver.store.database import Tx
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office

# The office of the fixture takes more than its small neighbour.
LARGE = Settings(200_000, whose="Sở Công Thương")
SMALL = Settings(100_000, whose="Sở Y tế")
TOO_LARGE_FOR_SMALL = announced_size(SMALL) + 1


def letter(size: int) -> bytes:
    """A message that has so many octets with its attachment decoded."""
    front = (
        b"From: an@sct.test\r\nMessage-ID: <1@sct.test>\r\nDate: Tue, 5 Mar 2024 08:30:00 +0700\r\n"
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    coded = b64encode(bytes(size - len(front)))
    return front + b"".join(coded[at : at + 76] + b"\r\n" for at in range(0, len(coded), 76))


@pytest.fixture(autouse=True)
def neighbour(doors: Doors, office: Office) -> None:
    """The agency `syt`, with one person and a group of both agencies, and a limit of half the office's."""

    def work(tx: Tx) -> int:
        agency_id = agencies.create_agency_tx(tx, "SYT", "Sở Y tế", "syt.test", "syt")
        office.ids["tam"] = people.create_person_tx(tx, agency_id, PersonData("Lê", "Thị", "Tâm", local_part="tam"))
        both = groups.create_group_tx(tx, office.agency_id, "Hai sở", "haiso")
        groups.add_member_tx(tx, both, office.ids["an"])
        groups.add_member_tx(tx, both, office.ids["tam"])
        return agency_id

    limits = {doors.store.db.write(work, SYSTEM): SMALL}
    doors.delivery.policy = chain.standard(lambda agency_id: chain.Settings(limits.get(agency_id or 0, LARGE)))


async def test_a_declared_size_is_refused_for_those_who_may_not_have_it(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    assert f"250-SIZE {announced_size(LARGE)}\n" in await peer.hello()
    assert (await peer.say(f"MAIL FROM:<x@y.test> SIZE={announced_size(LARGE) + 1}")).startswith("552 5.3.4")
    assert (await peer.say(f"MAIL FROM:<x@y.test> SIZE={TOO_LARGE_FOR_SMALL}")).startswith("250")
    refusal = await peer.say("RCPT TO:<tam@syt.test>")
    assert refusal.startswith("552 5.3.4 Thu lon hon muc cho phep 0.1 MB cua So Y te")
    assert (await peer.say("RCPT TO:<haiso@sct.test>")).startswith("552 5.3.4")
    assert (await peer.say("RCPT TO:<an@sct.test>")).startswith("250")
    assert (await peer.say("DATA")).startswith("354")
    peer.send(letter(150_000) + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert (len(office.mail("an")), len(office.mail("tam"))) == (1, 0)


async def test_what_fits_is_taken_for_both_and_the_next_message_begins_anew(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    await peer.hello()
    for size in (announced_size(SMALL), None, TOO_LARGE_FOR_SMALL):
        declared = "" if size is None else f" SIZE={size}"
        assert (await peer.say(f"MAIL FROM:<x@y.test>{declared}")).startswith("250")
        taken = size != TOO_LARGE_FOR_SMALL
        assert (await peer.say("RCPT TO:<tam@syt.test>")).startswith("250" if taken else "552")
        await peer.say("RSET")


async def test_after_data_the_smallest_limit_of_all_recipients_holds(doors: Doors, office: Office) -> None:
    peer = await doors.connect()
    for size, answer in ((100_000, "250"), (100_001, "552 5.3.4 Thu lon hon muc cho phep 0.1 MB cua So Y te")):
        await peer.begin(["an@sct.test", "tam@syt.test"])
        peer.send(letter(size) + b".\r\n")
        assert (await peer.reply()).startswith(answer)
    await peer.begin(["an@sct.test"])
    peer.send(letter(200_000) + b".\r\n")
    assert (await peer.reply()).startswith("250")
    assert (len(office.mail("an")), len(office.mail("tam"))) == (2, 1)


async def test_over_lmtp_the_others_get_it(doors: Doors, office: Office) -> None:
    peer = await doors.connect(Role.LMTP)
    await peer.say("LHLO x")
    await peer.say("MAIL FROM:<x@y.test>")
    for recipient in ("an@sct.test", "tam@syt.test"):
        await peer.say(f"RCPT TO:<{recipient}>")
    await peer.say("DATA")
    peer.send(letter(150_000) + b".\r\n")
    assert [(await peer.reply())[:3] for _ in range(2)] == ["250", "552"]
    assert (len(office.mail("an")), len(office.mail("tam"))) == (1, 0)


async def submission(doors: Doors, name: str) -> Peer:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    secret = b64encode(f"\x00{name}\x00{PASSWORD}".encode()).decode()
    assert (await peer.say(f"AUTH PLAIN {secret}")).startswith("235")
    return peer


async def test_who_sends_is_held_to_the_own_agencys_limit_too(doors: Doors, office: Office) -> None:
    tight = {office.agency_id: Settings(50_000, whose="Sở Công Thương")}
    doors.delivery.policy = chain.standard(
        lambda agency_id: chain.Settings(tight[agency_id]) if agency_id in tight else chain.Settings(LARGE)
    )
    peer = await submission(doors, "an@sct.test")
    refusal = await peer.say(f"MAIL FROM:<an@sct.test> SIZE={announced_size(tight[office.agency_id]) + 1}")
    assert refusal.startswith("552 5.3.4")
    assert "Sở Công Thương" in refusal
    for size, answer in ((50_001, "552 5.3.4"), (50_000, "250")):
        assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("250")
        assert (await peer.say("RCPT TO:<tam@syt.test>")).startswith("250")
        assert (await peer.say("DATA")).startswith("354")
        peer.send(letter(size) + b".\r\n")
        assert (await peer.reply()).startswith(answer)
    assert len(office.mail("tam")) == 1
