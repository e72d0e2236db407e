"""What the sender hears of a message, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import Message

import pytest

from mailserver.delivery.envelope import Notify, Ret, Wish, Wishes
from mailserver.delivery.outside import Parcel
from mailserver.mime.scan import scan
from mailserver.outbound import listing
from mailserver.outbound.parcels import enqueue_tx
from mailserver.store import fsck
from mailserver.store.database import Tx
from tests.mailserver.outbound.conftest import LETTER, Sinks, World

NO_USER = {"rcpt": {"ba@far.test": "550 5.1.1 Không có / no such user"}}


def reports(world: World, who: str = "an") -> list[Message]:
    return [message_from_bytes(octets) for octets in world.office.mail(who)]


def parts(report: Message) -> list[Message]:
    found = report.get_payload()
    assert isinstance(found, list)
    return found


def words(report: Message) -> str:
    octets = parts(report)[0].get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode()


def groups(report: Message) -> list[Message]:
    found = parts(report)[1].get_payload()
    assert isinstance(found, list)
    return found


def wishing(notify: str) -> Wishes:
    """NOTIFY for ba@far.test; "" for none."""
    wanted = frozenset(Notify(word) for word in notify.split(",")) if notify else None
    return Wishes(of={"ba@far.test": Wish(wanted)})


async def test_a_failure_is_told_with_the_words_of_the_remote(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test", "tu@far.test")
    await world.work_off(sink.port)
    (report,) = reports(world)
    assert (report.get_content_type(), report.get_param("report-type")) == ("multipart/report", "delivery-status")
    assert (report["To"], report["Auto-Submitted"]) == ("an@sct.test", "auto-replied")
    assert report["From"] == "Vanthu <postmaster@sct.test>"
    assert report["In-Reply-To"] == "<1@sct.test>"
    octets = world.office.mail("an")[0]
    assert scan(octets).subject == "Thư không gửi được / Undelivered: Lịch họp"
    assert "KHÔNG đến được" in words(report)
    assert "could NOT be delivered" in words(report)
    assert "mx.far.test: 550 5.1.1 Không có / no such user" in words(report)
    assert "tu@far.test" not in words(report)
    message, recipient = groups(report)
    assert message["Reporting-MTA"] == "dns; mail.sct.test"
    assert (recipient["Final-Recipient"], recipient["Action"]) == ("rfc822; ba@far.test", "failed")
    assert (recipient["Status"], recipient["Remote-MTA"]) == ("5.1.1", "dns; mx.far.test")
    assert recipient["Diagnostic-Code"].startswith("smtp; 550 5.1.1")
    original = parts(report)[2]
    assert original.get_content_type() == "text/rfc822-headers"
    assert "Message-ID: <1@sct.test>" in str(original.get_payload())
    assert octets.startswith(b"Return-Path: <>\r\n")
    assert fsck.check(world.store.db, world.store.blobs) == []


async def test_ret_full_gives_the_message_back(world: World, sinks: Sinks) -> None:
    wishes = Wishes(Ret.FULL, "a+b", {"ba@far.test": Wish(None, "rfc822;x+y@far.test")})
    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test", wishes=wishes)
    await world.work_off(sink.port)
    (report,) = reports(world)
    message, recipient = groups(report)
    assert message["Original-Envelope-Id"] == "a+b"
    assert recipient["Original-Recipient"] == "rfc822;x+y@far.test"
    assert parts(report)[2].get_content_type() == "message/rfc822"
    assert LETTER in world.office.mail("an")[0]


@pytest.mark.parametrize(
    ("notify", "told"),
    [("", 1), ("FAILURE", 1), ("NEVER", 0), ("SUCCESS", 0), ("SUCCESS,DELAY", 0), ("DELAY,FAILURE", 1)],
)
async def test_who_does_not_want_to_hear_of_failures_does_not(
    world: World, sinks: Sinks, notify: str, told: int
) -> None:
    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test", wishes=wishing(notify))
    await world.work_off(sink.port)
    assert (len(reports(world)), world.states()) == (told, {"ba@far.test": "failed"})


async def test_a_delay_is_told_once_after_four_hours_and_the_end_after_five_days(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(data="451 4.3.0 try later")
    world.send("ba@far.test")
    while world.states() == {"ba@far.test": "waiting"}:
        await world.work_off(sink.port)
        if world.clock.ahead.total_seconds() < 4 * 3600:
            assert reports(world) == []
        world.clock.ahead += world.recipients()["ba@far.test"].next_attempt_at - world.clock.now()
    delayed, failed = reports(world)
    (_, first), (_, last) = groups(delayed), groups(failed)
    assert (first["Action"], first["Status"]) == ("delayed", "4.3.0")
    assert first["Will-Retry-Until"]
    assert "do not send it again" in words(delayed)
    assert (last["Action"], last["Status"]) == ("failed", "5.4.7")
    assert "451 4.3.0 try later" in words(failed)
    assert 30 <= world.recipients()["ba@far.test"].attempts <= 40
    assert world.pins()[0] == 0


@pytest.mark.parametrize(("notify", "told"), [("", 0), ("SUCCESS", 1), ("FAILURE", 0)])
async def test_success_is_told_where_it_was_asked_for(world: World, sinks: Sinks, notify: str, told: int) -> None:
    sink = await sinks.open()
    world.send("ba@far.test", wishes=wishing(notify))
    await world.work_off(sink.port)
    found = reports(world)
    assert len(found) == told
    for report in found:
        assert groups(report)[1]["Action"] == "relayed"
        assert "does not report" in words(report)


async def test_a_report_is_never_answered_by_a_report(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test", sender="")
    await world.work_off(sink.port)
    assert world.states() == {"ba@far.test": "failed"}
    assert [len(world.office.mail(who)) for who in ("an", "binh", "chi")] == [0, 0, 0]
    assert sink.commands[0].startswith("MAIL FROM:<> ")


async def test_a_sender_elsewhere_gets_the_report_by_mail(
    world: World, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail that is passed on: its sender is a stranger."""

    def enqueue(tx: Tx, parcel: Parcel) -> None:
        enqueue_tx(tx, replace(parcel, sender="la@away.test"))

    monkeypatch.setattr(world.delivery.outside, "queue_tx", enqueue)
    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test")
    await world.work_off(sink.port)
    (got,) = sink.got
    assert (got.sender, got.recipients) == ("", ("la@away.test",))
    assert b"report-type=delivery-status" in got.octets
    assert world.states() == {"ba@far.test": "failed", "la@away.test": "sent"}
    assert fsck.check(world.store.db, world.store.blobs) == []


async def test_a_sender_who_has_left_gets_nothing_and_the_story_says_so(world: World, sinks: Sinks) -> None:
    from mailserver.actor import SYSTEM
    from mailserver.directory.people import leave_tx

    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test")
    world.store.db.write(lambda tx: leave_tx(tx, world.office.ids["an"]), SYSTEM)
    await world.work_off(sink.port)
    story = world.store.db.read(lambda conn: listing.story(conn, world.all()[0].id))
    assert [line.kind.value for line in story] == ["queued", "failed", "reported"]
    assert "no report" in story[-1].answer
    assert fsck.check(world.store.db, world.store.blobs) == []


async def test_what_was_recorded_by_another_is_not_told_twice(world: World, sinks: Sinks) -> None:
    """A lease that ran out while its holder was slow: the second to write finds it done."""
    from mailserver.actor import SYSTEM

    sink = await sinks.open(**NO_USER)
    world.send("ba@far.test")

    def take_away() -> None:
        query = "UPDATE outbound_recipient SET lease_owner = 'other'"
        world.store.db.write(lambda tx: tx.conn.exec_driver_sql(query), SYSTEM)

    sign: Callable[[bytes], bytes] = lambda octets: (take_away(), octets)[1]  # noqa: E731
    world.sign = sign
    await world.work_off(sink.port)
    assert (reports(world), world.states()) == ([], {"ba@far.test": "waiting"})


async def test_addresses_and_words_from_elsewhere_make_no_fields(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"văn.thư@far.test": "550 5.1.1 Bad: thing \x07 " + "very long words " * 20})
    world.send("văn.thư@far.test")
    await world.work_off(sink.port)
    (report,) = reports(world)
    _, recipient = groups(report)
    assert recipient["Final-Recipient"] == "utf-8; v\\x{103}n.th\\x{1B0}@far.test"
    assert set(recipient.keys()) == {
        "Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date",
    }  # fmt: skip
    raw = world.office.mail("an")[0]
    assert max(map(len, raw.split(b"\r\n"))) < 200


async def test_a_word_without_end_makes_no_line_that_is_too_long(world: World, sinks: Sinks) -> None:
    sink = await sinks.open(rcpt={"ba@far.test": "550 5.1.1 " + "y" * 5000})
    world.send("ba@far.test", data=LETTER.replace(b"Date: x", "X-Noi: Huế".encode()))
    await world.work_off(sink.port)
    (report,) = reports(world)
    assert max(map(len, world.office.mail("an")[0].split(b"\r\n"))) < 998
    assert report["Content-Transfer-Encoding"] == "8bit"
