"""What follows when nobody answers, a leader decides, or the forwarder thinks better of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import update

from mailbox_policies import chain
from mailbox_policies.forwarding import requests
from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.forwarding.border import Border
from mailbox_policies.forwarding.consent import Consents
from mailbox_policies.forwarding.errors import AnsweredBefore, ConsentError, NoSuchQuestion, NotForYou, ReasonMissing
from mailbox_policies.forwarding.keeping import Holding, Letters
from mailbox_policies.forwarding.requests import Question, State, Way
from mailbox_policies.forwarding.schema import consent
from mailbox_policies.holding.deciding import withdraw_tx
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.rules import forward_consent
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.directory import posts
from mailserver.outbound.parcels import Queue
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.forwards import KINDS, Forward, Original
from tests.support.office import Office, found_office

OUTSIDE = "lan@ngoai.example"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class World:
    """An office whose mail asks. chi leads it. held: the number of an's forward that waits."""

    office: Office
    delivery: Delivery
    consents: Consents
    held: int = 0

    def actor(self, name: str) -> Actor:
        return Actor(self.office.ids[name], self.office.agency_id, "web")

    def act(self, name: str, work: Callable[[Tx], object]) -> None:
        self.office.store.db.write(work, self.actor(name))

    def send(self, name: str, data: bytes, *recipients: str) -> None:
        trace = Received("", "127.0.0.1", "ESMTPA", "abc")
        submit_sync(self.delivery, self.actor(name), Letter(data, self.office.address(name), recipients, trace))

    def questions(self) -> list[Question]:
        return self.office.store.db.read(lambda conn: requests.of_letter(conn, self.held))

    def states(self) -> list[State]:
        return [one.state for one in self.questions()]

    def token(self) -> str:
        question = next(one for one in self.office.mail("binh") if b"Reply-To: " in one)
        found = re.search(rb"dong-y\+([0-9a-f]+)@", question)
        assert found is not None
        return found[1].decode()

    def queued(self) -> int:
        with self.office.store.db.engine.connect() as conn:
            return int(conn.exec_driver_sql("SELECT count(*) FROM outbound_recipient").scalar_one())

    def hears(self, words: str) -> bool:
        """Whether the forwarder's last mail says so."""
        body = message_from_bytes(self.office.mail("an", last=1)[0], policy=policy.default).get_body(("plain",))
        return body is not None and words in body.get_content()


@pytest.fixture
def world(store: Store) -> World:
    office, way = found_office(store), Queue()
    consents = Consents(store.blobs, way, Letters(store.blobs, way), "https://mail.test")
    policy = chain.standard(chain.for_all(chain.Settings(forward_consent.Settings())))
    asking = Asking(lambda _agency: Border.AGENCY, now)
    delivery = Delivery(store, "mail.sct.test", now, policy, way, Holding(Keeper(), consents), asking)
    made = World(office, delivery, consents)

    def lead(tx: Tx) -> None:
        post = posts.create_post_tx(tx, office.agency_id, office.ids["vanphong"], "Giám đốc", "director", "giamdoc")
        posts.appoint_tx(tx, post, office.ids["chi"], date(2020, 1, 1))

    store.db.write(lead, SYSTEM)
    original = Original(office.address("binh"), "Bình", office.address("an"))
    made.send("binh", original.octets(), original.to)
    made.send("an", KINDS["gmail"](Forward(original, office.address("an"), OUTSIDE)), OUTSIDE)
    own = store.db.read(lambda conn: requests.of_forwarder(conn, office.ids["an"]))
    return replace(made, held=own[0].held_id)


def expire(world: World) -> None:
    def late(tx: Tx) -> int:
        tx.conn.execute(update(consent).values(until=tx.now - timedelta(seconds=1)))
        return world.consents.expire_tx(tx)

    assert world.office.store.db.write(late, SYSTEM) == 1
    assert world.office.store.db.write(world.consents.expire_tx, SYSTEM) == 0


def actions(world: World) -> list[str]:
    with world.office.store.db.engine.connect() as conn:
        return [row[0] for row in conn.exec_driver_sql("SELECT action FROM audit ORDER BY id")]


def test_what_nobody_answers_expires_and_a_leader_may_still_let_it_go(world: World) -> None:
    assert world.queued() == 0
    expire(world)
    assert world.states() == [State.EXPIRED]
    assert world.hears("không trả lời trong thời hạn")
    with pytest.raises(AnsweredBefore):
        world.office.store.db.write(lambda tx: world.consents.answer_tx(tx, world.token(), True, Way.LINK), SYSTEM)
    for name, reason, refusal in (("binh", "x", NotForYou), ("an", "x", NotForYou), ("chi", "  ", ReasonMissing)):
        with pytest.raises(refusal):
            world.act(name, lambda tx, said=reason: world.consents.override_tx(tx, world.held, True, said))  # type: ignore[misc]
    assert world.queued() == 0
    world.act("chi", lambda tx: world.consents.override_tx(tx, world.held, True, "Việc gấp"))
    assert world.queued() == 1
    [question] = world.questions()
    assert (question.state, question.answered_by, question.reason) == (State.AGREED, "override", "Việc gấp")
    assert "consent.overridden.agreed" in actions(world)
    with pytest.raises(AnsweredBefore):
        world.act("chi", lambda tx: world.consents.override_tx(tx, world.held, False, "Thôi"))


def test_a_leader_refuses_while_the_sender_is_still_thinking(world: World) -> None:
    world.act("chi", lambda tx: world.consents.override_tx(tx, world.held, False, "Không phù hợp"))
    assert world.states() == [State.REFUSED]
    assert world.queued() == 0
    with pytest.raises(AnsweredBefore):
        world.office.store.db.write(lambda tx: world.consents.answer_tx(tx, world.token(), True, Way.LINK), SYSTEM)
    assert world.queued() == 0


def test_the_forwarder_takes_it_back_and_nobody_else_can(world: World) -> None:
    for name in ("binh", "chi"):
        with pytest.raises(NotForYou):
            world.act(name, lambda tx: world.consents.withdraw_tx(tx, world.held))
    with pytest.raises(NoSuchQuestion):
        world.act("an", lambda tx: world.consents.withdraw_tx(tx, 10_000))
    world.act("an", lambda tx: world.consents.withdraw_tx(tx, world.held))
    assert world.states() == [State.WITHDRAWN]
    assert world.queued() == 0
    with pytest.raises(AnsweredBefore):
        world.act("an", lambda tx: world.consents.withdraw_tx(tx, world.held))


def test_only_the_sender_or_who_acts_for_them_answers_when_signed_in(world: World) -> None:
    token = world.token()
    for name in ("an", "chi"):
        with pytest.raises(NotForYou):
            world.act(name, lambda tx: world.consents.answer_tx(tx, token, True, Way.LINK))
    with pytest.raises(NoSuchQuestion):
        world.act("binh", lambda tx: world.consents.answer_tx(tx, token[:-1], True, Way.LINK))
    world.act("binh", lambda tx: world.consents.answer_tx(tx, token, True, Way.LINK))
    assert world.states() == [State.AGREED]
    assert world.queued() == 1
    assert world.hears("đã được gửi tới lan@ngoai.example")


def test_an_end_by_other_ways_ends_the_question_too(world: World) -> None:
    world.act("an", lambda tx: withdraw_tx(tx, world.held))
    assert world.states() == [State.WITHDRAWN]
    with pytest.raises(ConsentError):
        world.office.store.db.write(lambda tx: world.consents.answer_tx(tx, world.token(), True, Way.LINK), SYSTEM)
    assert world.queued() == 0
    agency = world.office.agency_id
    assert world.office.store.db.read(lambda conn: requests.undecided(conn, agency)) == []
