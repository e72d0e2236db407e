"""Who writes to somebody away is told once, whatever happens to the worker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mailserver.actor import SYSTEM
from mailserver.delivery import absence_answers
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.logreader import LogReader
from mailserver.delivery.outside import NoWayOut
from mailserver.delivery.trace import Received
from mailserver.directory import absences
from mailserver.directory.absences import Wish
from mailserver.directory.records import office_day
from mailserver.directory.resolve import Mailbox
from mailserver.outbound.parcels import Queue
from mailserver.outbound.schema import outbound_recipient
from mailserver.policy import ACCEPT, Action, Verdict
from mailserver.store.database import Tx
from mailserver.store.events import Event
from mailserver.store.store import Store
from tests.routing.world import DOMAIN, World, build

TRACE = Received("ubnd.hungbinh.example", "203.0.113.5", "ESMTP", "x1")
LAN = "lan@ubnd.hungbinh.example"
DAY = timedelta(days=1)


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


@pytest.fixture
def away(world: World) -> int:
    return announce(world, "truongpk", "Tôi đi công tác.")


def announce(world: World, who: str, text: str) -> int:
    """From yesterday to tomorrow, so that midnight changes nothing."""
    today = office_day(datetime.now(UTC))
    wish = Wish(today - DAY, today + DAY, world.id("diemttn"), text)
    return world.store.db.write(lambda tx: absences.announce_tx(tx, world.id(who), wish), SYSTEM)


def write(world: World, sender: str, *more: str, to: str = "truongpk", policy: Verdict | None = None) -> None:
    lines = [f"From: <{sender or 'x@y.example'}>", f"To: <{to}@{DOMAIN}>", "Subject: =?utf-8?q?V/v_quy_ho=E1=BA=A1ch?="]
    octets = "\r\n".join([*lines, *more, "", "Kính gửi.", ""]).encode()
    said = policy or ACCEPT
    delivery = Delivery(world.store, "mail.sxd.example", lambda: datetime.now(UTC), lambda _case: said)
    box = (Mailbox(world.id("truongpk")),)
    delivery.deliver_sync(Incoming(octets, sender, (f"{to}@{DOMAIN}",), box, SYSTEM, TRACE))


def run(world: World, *, outside: bool = False) -> None:
    job = absence_answers.job(Queue() if outside else NoWayOut())
    while job(world.store):
        pass


def queued(world: World) -> list[str]:
    found = select(outbound_recipient.c.address).order_by(outbound_recipient.c.id)
    return world.store.db.read(lambda conn: list(conn.execute(found).scalars()))


def test_a_colleague_is_told_once_and_a_second_one_too(world: World, away: int) -> None:
    for sender in ("anl", "anl", "khoivd"):
        write(world, f"{sender}@{DOMAIN}")
        run(world)
    assert [len(world.uids(name, "INBOX")) for name in ("anl", "khoivd")] == [1, 1]
    answer = world.octets("anl", "INBOX")
    assert b"Auto-Submitted: auto-replied" in answer and b"In-Reply-To" not in answer
    assert len(world.uids("truongpk", "INBOX")) == 3


def test_a_sender_outside_is_told_through_the_queue_under_the_null_path(world: World, away: int) -> None:
    write(world, LAN)
    run(world, outside=True)
    write(world, LAN.upper())
    run(world, outside=True)
    assert queued(world) == [LAN]


@pytest.mark.parametrize(
    ("sender", "line", "to"),
    [
        ("", "X-A: b", "truongpk"),
        (LAN, "List-Id: <x.y>", "truongpk"),
        (LAN, "Auto-Submitted: auto-replied", "truongpk"),
        (LAN, "X-A: b", "tatca"),
    ],
)
def test_bounces_lists_programs_and_mail_to_others_get_none(
    world: World, away: int, sender: str, line: str, to: str
) -> None:
    write(world, sender, line, to=to)
    run(world, outside=True)
    assert queued(world) == []
    write(world, LAN)
    run(world, outside=True)
    assert queued(world) == [LAN]


def test_spam_gets_none(world: World, away: int) -> None:
    write(world, LAN, policy=Verdict(Action.JUNK, "spam"))
    run(world, outside=True)
    assert queued(world) == []


def test_without_words_nobody_is_told_and_with_the_return_it_ends(world: World) -> None:
    silent = announce(world, "truongpk", "")
    write(world, LAN)
    run(world, outside=True)
    today = office_day(datetime.now(UTC))
    world.store.db.write(lambda tx: absences.return_tx(tx, world.id("truongpk"), silent, today - DAY), SYSTEM)
    loud = announce(world, "truongpk", "Tôi đi vắng.")
    world.store.db.write(lambda tx: absences.return_tx(tx, world.id("truongpk"), loud, today - DAY), SYSTEM)
    write(world, "moi@ubnd.hungbinh.example")
    run(world, outside=True)
    assert queued(world) == []


def test_what_came_before_the_absence_was_known_gets_none(world: World) -> None:
    write(world, LAN)
    announce(world, "truongpk", "Tôi đi vắng.")
    run(world, outside=True)
    assert queued(world) == []


def test_killed_before_the_commit_it_is_told_afterwards_and_once(world: World, away: int) -> None:
    write(world, LAN)

    def dies_tx(tx: Tx, store: Store, event: Event) -> None:
        absence_answers.answer_tx(tx, store, event, Queue())
        raise RuntimeError("killed")

    job = LogReader("absence-answers", ("message.delivered",), dies_tx)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            job(world.store)
    assert queued(world) == []
    for _ in range(2):
        run(world, outside=True)
    assert queued(world) == [LAN]


def test_two_people_away_do_not_answer_one_another_for_ever(world: World, away: int) -> None:
    today = office_day(datetime.now(UTC))
    wish = Wish(today - DAY, today + DAY, None, "Tôi cũng vắng.")
    world.store.db.write(lambda tx: absences.announce_tx(tx, world.id("khoivd"), wish), SYSTEM)
    write(world, f"khoivd@{DOMAIN}")
    for _ in range(5):
        run(world)
    assert [len(world.uids(name, "INBOX")) for name in ("truongpk", "khoivd")] == [1, 1]
