"""What the other side announces is used, and what it does not take is not sent."""

from __future__ import annotations

from email import message_from_bytes

import dkim
import pytest

from mailserver.delivery.envelope import Notify, Ret, Wish, Wishes
from mailserver.senderauth import keys
from mailserver.senderauth.signing import Signer
from tests.mailserver.outbound.conftest import LETTER, Sinks, World

EIGHT_BIT = LETTER.replace(b"Hi", "Biên bản".encode())


async def test_size_and_8bit_are_declared(world: World, sinks: Sinks) -> None:
    sink = await sinks.open()
    world.send("ba@far.test", data=EIGHT_BIT)
    await world.work_off(sink.port)
    (got,) = sink.got
    assert got.octets.endswith(EIGHT_BIT)
    assert sink.commands[0] == f"MAIL FROM:<an@sct.test> SIZE={len(got.octets)} BODY=8BITMIME"


async def test_8bit_for_a_7bit_server_is_encoded_and_signed_as_it_is_sent(world: World, sinks: Sinks) -> None:
    """RFC 6152 §3; Postfix does it too."""
    sink = await sinks.open(hide=("8BITMIME",))
    keys.ensure(world.store.db)
    world.sign = Signer(world.store.db, world.clock.now).signed
    world.send("ba@far.test", data=EIGHT_BIT)
    await world.work_off(sink.port)
    (octets,) = sink.octets()
    assert octets.isascii()
    assert sink.commands[0] == f"MAIL FROM:<an@sct.test> SIZE={len(octets)}"
    assert message_from_bytes(octets).get_payload(decode=True) == EIGHT_BIT.partition(b"\r\n\r\n")[2]
    (key,) = world.store.db.read(lambda conn: keys.keys_of(conn, "sct.test"))
    record = f"{key.record_name}.".encode()
    assert dkim.verify(octets, dnsfunc=lambda name, timeout=5: key.record if name == record else None)


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(LETTER.replace(b"Date: x", "X-Ban: Biên bản".encode()), id="a field"),
        pytest.param(
            LETTER.replace(b"Date: x", b'Content-Type: multipart/signed; boundary="b"').replace(
                b"Hi", "--b\r\n\r\nBiên bản\r\n--b--".encode()
            ),
            id="under a signature",
        ),
    ],
)
async def test_8bit_that_cannot_be_encoded_goes_back(world: World, sinks: Sinks, letter: bytes) -> None:
    sink = await sinks.open(hide=("8BITMIME", "SMTPUTF8"))
    world.send("ba@far.test", data=letter)
    await world.work_off(sink.port)
    assert sink.got == []
    (one,) = (one.recipients[0] for one in world.all())
    assert one.state == "failed"
    assert "8BITMIME" in one.answer


async def test_a_message_too_large_for_the_other_side_is_not_sent(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(size=100)
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert sink.commands == []
    assert world.states() == {"ba@far.test": "failed"}
    assert "100 octets" in world.recipients()["ba@far.test"].answer


async def test_addresses_outside_ascii_need_smtputf8(world: World, sinks: Sinks) -> None:
    able, unable = await sinks.open(), await sinks.open(hide=("SMTPUTF8",))
    world.send("văn.thư@far.test")
    await world.work_off(able.port)
    assert able.recipients() == [("văn.thư@far.test",)]
    assert "SMTPUTF8" in able.commands[0]
    world.send("văn.thư@far.test", data=LETTER.replace(b"<1@", b"<2@"))
    await world.work_off(unable.port)
    assert unable.got == []
    assert [one.recipients[0].state for one in world.all()] == ["sent", "failed"]


async def test_a_domain_outside_ascii_is_sent_as_its_a_label(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(hide=("SMTPUTF8",))
    world.send("ba@bộ.vn")
    await world.work_off(sink.port)
    assert sink.recipients() == [("ba@xn--b-8xm.vn",)]


@pytest.mark.parametrize("knows_dsn", [True, False])
async def test_wishes_of_the_sender_go_on_to_who_understands_them(world: World, sinks: Sinks, knows_dsn: bool) -> None:
    wish = Wish(frozenset({Notify.SUCCESS, Notify.FAILURE}), "rfc822;ba+test@far.test")
    wishes = Wishes(Ret.HDRS, "e+1", {"ba@far.test": wish})
    sink = await sinks.open(offer=("DSN",) if knows_dsn else ())
    world.send("ba@far.test", "tu@far.test", wishes=wishes)
    await world.work_off(sink.port)
    asked = [" RET=HDRS ENVID=e+2B1", " NOTIFY=FAILURE,SUCCESS ORCPT=rfc822;ba+2Btest@far.test", ""]
    assert [one.partition(">")[2] for one in sink.commands[1:]] == (asked[1:] if knows_dsn else ["", ""])
    assert sink.commands[0].endswith(asked[0]) == knows_dsn
    # Who does not pass the wish on reports what it knows: that the message was relayed.
    assert len(world.office.mail("an")) == (0 if knows_dsn else 1)
