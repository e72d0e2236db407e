"""How much people may send, through the submission door."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import Connection

from mailbox_policies import chain
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.rules import bulk_mail, sending_rate, unusual_sending
from mailbox_policies.sending import telling
from mailbox_policies.sending.counting import Counting
from mailserver.actor import Actor
from mailserver.delivery import submission
from mailserver.delivery.errors import PolicyRefused
from mailserver.delivery.submission import Letter
from mailserver.delivery.trace import Received
from mailserver.outbound.parcels import Queue
from mailserver.policy import Case
from mailserver.sending import Pace
from mailserver.sending_counter import Sending
from mailserver.smtp.settings import Role
from mailserver.store import raw
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office

LETTER = b"From: an@sct.test\r\nTo: binh@sct.test\r\nSubject: x\r\nDate: Tue, 5 Mar 2024 08:30:00 +0700\r\n\r\nx\r\n"
NOON = datetime(2026, 3, 5, 5, 0, tzinfo=UTC)  # 12:00 in the office


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Late:
    """Another process's: it looked before anything was sent."""

    def __init__(self, real: Sending) -> None:
        self._real = real
        self._looked: Pace | None = None

    def look(self, conn: Connection, actor: Actor, recipients: Sequence[str], outside: Sequence[str]) -> Pace | None:
        self._looked = self._looked or self._real.look(conn, actor, recipients, outside)
        return self._looked

    def count_tx(self, tx: Tx, case: Case) -> None:
        self._real.count_tx(tx, case)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limited(doors: Doors, clock: Clock, *settings: object) -> None:
    """These rules in full force; the others as they start."""
    chosen = chain.for_all(chain.Settings(*settings))
    doors.delivery.policy = chain.standard(chosen)
    doors.delivery.sending = Counting(chosen, clock)
    doors.delivery.outside = Queue()
    doors.delivery.keeper = Keeper()


async def signed_in(doors: Doors, name: str = "an") -> Peer:
    peer = await doors.connect(Role.SUBMISSION, allow_plaintext=True)
    await peer.say("EHLO client.test")
    assert (await peer.say("AUTH PLAIN " + base64.b64encode(f"\0{name}\0{PASSWORD}".encode()).decode()))[:3] == "235"
    return peer


async def send(peer: Peer, *recipients: str, data: bytes = LETTER, sender: str = "an@sct.test") -> str:
    assert (await peer.say(f"MAIL FROM:<{sender}>")).startswith("250")
    for recipient in recipients:
        assert (await peer.say(f"RCPT TO:<{recipient}>")).startswith("250")
    assert (await peer.say("DATA")).startswith("354")
    peer.send(data + b".\r\n")
    return await peer.reply()


def numbers(store: Store) -> list[tuple[int, int]]:
    """What is counted: (recipients, new ones) of each letter."""
    return store.db.read(
        lambda conn: [tuple(one) for one in raw.rows(conn, "SELECT recipients, fresh FROM sent_letter ORDER BY id")]
    )


@pytest.mark.requirement("R-027")
async def test_who_has_sent_enough_is_put_off_and_told_when_it_goes_on(
    doors: Doors, office: Office, store: Store, clock: Clock
) -> None:
    limited(doors, clock, sending_rate.Settings(hour=3))
    peer = await signed_in(doors)
    both = "binh@sct.test", "chi@sct.test"
    assert (await send(peer, *both)).startswith("250")
    clock.now += timedelta(minutes=10)
    answer = await send(peer, *both)
    assert answer.startswith("450 4.7.1") and "try again at 13:00 on 05/03/2026" in answer
    assert "Đã gửi tới mức 3 người trong một giờ; gửi tiếp được từ 13:00 ngày 05/03/2026" in answer
    # What was put off is not counted, and one more still goes.
    assert numbers(store) == [(2, 0)]
    assert (await send(peer, "binh@sct.test")).startswith("250")
    clock.now = NOON + timedelta(minutes=59)
    assert (await send(peer, *both)).startswith("450")
    clock.now = NOON + timedelta(hours=1)
    assert (await send(peer, *both)).startswith("250")
    assert len(office.mail("binh")) == 3
    refusals = store.db.read(lambda conn: raw.rows(conn, "SELECT data FROM event WHERE kind = 'policy.verdict'"))
    assert [raw.from_json(data)["cause"] for (data,) in refusals] == ["too-fast"] * 2


@pytest.mark.requirement("R-027")
async def test_new_people_outside_are_counted_apart(doors: Doors, office: Office, store: Store, clock: Clock) -> None:
    limited(doors, clock, sending_rate.Settings(new_hour=2))
    peer = await signed_in(doors)
    assert (await send(peer, "a@la.test", "B@la.test", "binh@sct.test")).startswith("250")
    assert (await send(peer, "c@la.test")).startswith("450 4.7.1")
    # Whom one has written to is new no more, nor is who wrote here.
    assert (await send(peer, "a@la.test", "b@LA.test")).startswith("250")
    stranger = await doors.connect(Role.MX)
    await stranger.say("EHLO la.test")
    mail = LETTER.replace(b"an@sct.test", b"Ong C <c@la.test>").replace(b"To: binh", b"To: an")
    assert (await send(stranger, "an@sct.test", data=mail, sender="c@la.test")).startswith("250")
    assert (await send(peer, "c@la.test")).startswith("250")
    assert numbers(store) == [(3, 2), (2, 0), (1, 0)]
    # Everybody has acquaintances of their own, and a count of their own.
    other = await signed_in(doors, "binh")
    own = LETTER.replace(b"From: an", b"From: binh")
    assert (await send(other, "a@la.test", data=own, sender="binh@sct.test")).startswith("250")
    assert numbers(store)[-1] == (1, 1)


async def test_a_letter_with_more_recipients_than_the_limit_is_refused_for_good(
    doors: Doors, office: Office, clock: Clock
) -> None:
    limited(doors, clock, sending_rate.Settings(hour=1))
    peer = await signed_in(doors)
    assert (await send(peer, "binh@sct.test", "chi@sct.test")).startswith("550 5.7.1")


async def test_who_is_exempt_by_unit_or_post_or_group_is_not_put_off(
    doors: Doors, office: Office, clock: Clock
) -> None:
    both = "binh@sct.test", "chi@sct.test"
    for exempt, answer in (("cvp@sct.test", "250"), ("tatca@sct.test", "250"), ("vanphong@sct.test", "550")):
        limited(doors, clock, sending_rate.Settings(hour=1, exempt=(exempt,)))
        assert (await send(await signed_in(doors), *both)).startswith(answer), exempt


async def test_programs_that_send_at_once_get_no_more_than_one(
    doors: Doors, office: Office, store: Store, clock: Clock
) -> None:
    limited(doors, clock, sending_rate.Settings(hour=3))
    ready = asyncio.Barrier(6)

    async def one() -> str:
        peer = await signed_in(doors)
        await ready.wait()
        return (await send(peer, "binh@sct.test"))[:3]

    answers = await asyncio.gather(*(one() for _ in range(6)))
    assert sorted(answers) == ["250"] * 3 + ["450"] * 3
    assert numbers(store) == [(1, 0)] * 3 and len(office.mail("binh")) == 3


async def test_what_others_counted_meanwhile_counts(doors: Doors, office: Office, store: Store, clock: Clock) -> None:
    limited(doors, clock, sending_rate.Settings(hour=3))
    an = Actor(office.ids["an"], office.agency_id, "smtp")
    late = Late(doors.delivery.sending)
    doors.delivery.sending = late
    letter = Letter(LETTER, "an@sct.test", ("binh@sct.test", "chi@sct.test"), Received("", "", "HTTP", "1"))
    await submission.submit(doors.delivery, an, letter)
    with pytest.raises(PolicyRefused) as refused:
        await submission.submit(doors.delivery, an, letter)
    assert refused.value.verdict.facts["used"] == 2 and len(office.mail("binh")) == 1


@pytest.mark.requirement("R-027")
async def test_many_strangers_in_minutes_are_kept_back_and_the_administrators_told_once(
    doors: Doors, office: Office, store: Store, clock: Clock
) -> None:
    limited(doors, clock, unusual_sending.Settings(most=2, minutes=10))
    peer = await signed_in(doors)
    assert (await send(peer, "a@la.test", "b@la.test")).startswith("250 2.0.0 Ok:")
    for name in "cd":
        answer = await send(peer, f"{name}@la.test")
        assert answer.startswith("250 2.0.0") and "held" in answer
    assert (await send(peer, "a@la.test")).startswith("250 2.0.0 Ok:")
    (kept,) = store.db.read(lambda conn: raw.rows(conn, "SELECT count(*) FROM kept_message WHERE state = 'waiting'"))
    assert kept[0] == 2
    job = telling.job()
    assert job(store) is False and job(store) is False
    agency = store.db.read(lambda conn: raw.rows(conn, "SELECT id FROM principal WHERE kind = 'agency'"))[0][0]
    office.ids["sct"] = agency
    (told,) = office.mail("sct")
    text = message_from_bytes(told).get_payload(decode=True)
    assert isinstance(text, bytes) and "an@sct.test (" in text.decode() and "3 người lạ" in text.decode()
    clock.now += timedelta(minutes=11)
    assert (await send(peer, "e@la.test")).startswith("250 2.0.0 Ok:")


async def test_where_it_is_only_tried_nothing_is_kept_but_the_administrators_are_told(
    doors: Doors, office: Office, store: Store, clock: Clock
) -> None:
    limited(doors, clock)
    peer = await signed_in(doors)
    strangers = [f"n{one}@la.test" for one in range(unusual_sending.Settings().most + 1)]
    assert (await send(peer, *strangers)).startswith("250 2.0.0 Ok:")
    events = store.db.read(lambda conn: raw.rows(conn, "SELECT data FROM event WHERE kind = 'sending.unusual'"))
    assert [raw.from_json(data)["held"] for (data,) in events] == [False]


@pytest.mark.requirement("R-027")
async def test_a_letter_to_too_many_is_refused_with_the_lists_that_may_be_meant(
    doors: Doors, office: Office, clock: Clock
) -> None:
    limited(doors, clock, bulk_mail.Settings(most=1))
    peer = await signed_in(doors)
    answer = await send(peer, "binh@sct.test", "x@la.test")
    assert answer.startswith("550 5.5.3") and "tatca@sct.test" in answer
    assert (await send(peer, "tatca@sct.test")).startswith("250")
    assert office.mail("binh") == office.mail("chi") != []
