"""What follows when nobody answers, a leader decides, or the forwarder thinks better of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import Connection, update

from mailbox_policies import chain
from mailbox_policies.forwarding import door, requests
from mailbox_policies.forwarding.asking import Asking
from mailbox_policies.forwarding.border import Border
from mailbox_policies.forwarding.consent import Consents
from mailbox_policies.forwarding.errors import AnsweredBefore, ConsentError, NoSuchQuestion, NotForYou, ReasonMissing
from mailbox_policies.forwarding.keeping import Holding, Letters
from mailbox_policies.forwarding.requests import Question, State, Way
from mailbox_policies.forwarding.schema import consent
from mailbox_policies.holding.deciding import release_tx, withdraw_tx
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.moderating import Owners
from mailbox_policies.holding.notices import Office as HoldingOffice
from mailbox_policies.rules import forward_consent
from mailbox_policies.verdict import ACCEPT, Action, Case, Cause, Stage, Verdict
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.delivery.submission import Letter, submit_sync
from mailserver.delivery.trace import Received
from mailserver.directory import grants, people, posts
from mailserver.directory.records import PersonData
from mailserver.directory.rights import Right
from mailserver.mime.scan import scan
from mailserver.outbound.parcels import Queue
from mailserver.store import messages
from mailserver.store.fronting import with_front_tx
from mailserver.store.fsck import check
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.messages import MessageInfo
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
    return waiting(store)


def waiting(
    store: Store, before: Callable[[Office], object] = id, first: Callable[[Case], Verdict] | None = None
) -> World:
    """An office in which a forward has just been sent. before: called with the office; first: a rule of its own."""
    office, way = found_office(store), Queue()
    before(office)
    consents = Consents(store.blobs, way, Letters(way, Owners(store.blobs)), "https://mail.test")
    asks = chain.standard(chain.for_all(chain.Settings(forward_consent.Settings())))
    links = [chain.Link("asks", forward_consent.STAGES, asks)]
    if first is not None:
        links.insert(0, chain.Link("sample", forward_consent.STAGES, first))
    policy = chain.chain(links)
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
    return replace(made, held=own[0].held_id if own else 0)


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


def test_who_acts_for_the_sender_answers_for_them(world: World) -> None:
    token = world.token()
    person, office = PersonData("Nguyễn", "Thị", "Dung", local_part="dung"), world.office

    def delegate(tx: Tx) -> None:
        office.ids["dung"] = people.create_person_tx(tx, office.agency_id, person)
        grants.grant_tx(tx, office.ids["binh"], office.ids["dung"], [Right.READ, Right.HANDLE], tx.now)

    office.store.db.write(delegate, SYSTEM)
    with pytest.raises(NotForYou):
        world.act("chi", lambda tx: world.consents.answer_tx(tx, token, True, Way.LINK))
    world.act("dung", lambda tx: world.consents.answer_tx(tx, token, True, Way.LINK))
    [question] = world.questions()
    assert (question.state, question.answered_by_id) == (State.AGREED, office.ids["dung"])
    assert world.queued() == 1


def test_an_address_that_somebody_has_is_left_to_them(store: Store) -> None:
    """The letter waits all the same, and its sender is asked from another address."""
    taken = PersonData("Đồng", "Văn", "Y", local_part="dong-y")

    def hire(office: Office) -> None:
        store.db.write(lambda tx: people.create_person_tx(tx, office.agency_id, taken), SYSTEM)

    world = waiting(store, hire)
    question = next(one for one in world.office.mail("binh") if b"Reply-To: " in one)
    assert b"Reply-To: xin-y-kien+" in question
    assert world.states() == [State.ASKED]
    assert store.db.read(lambda conn: door.find(conn, world.office.agency_id)) == "xin-y-kien@sct.test"


def test_a_letter_that_another_rule_kept_first_asks_when_that_lets_it_go(store: Store) -> None:
    world = waiting(store, first=quarantine)
    [kept] = kept_ids(store)
    assert world.questions() == []
    assert not any(b"Reply-To: " in one for one in world.office.mail("binh"))
    office = HoldingOffice(Queue(), store.blobs, "mail.sct.test", world.consents.goes_on_tx)
    world.act("chi", lambda tx: release_tx(tx, office, kept))
    assert world.queued() == 0
    [_, held] = kept_ids(store)
    asked = replace(world, held=held)
    assert asked.states() == [State.ASKED]
    asked.act("binh", lambda tx: asked.consents.answer_tx(tx, asked.token(), True, Way.LINK))
    assert asked.queued() == 1


def quarantine(case: Case) -> Verdict:
    """A rule that keeps all that goes outside, more strictly than consent does."""
    kept = Verdict(Action.QUARANTINE, "sample", cause=Cause.FORBIDDEN_CLASS)
    return kept if case.stage is Stage.SUBMISSION and case.outside else ACCEPT


def kept_ids(store: Store) -> list[int]:
    with store.db.engine.connect() as conn:
        return [row[0] for row in conn.exec_driver_sql("SELECT id FROM kept_message ORDER BY id")]


def test_a_large_letter_is_let_go_without_reading_it_again(world: World) -> None:
    """What leaves is the field and then what was written; its file is the one that is there."""
    body = b"x" * 70 + b"\r\n"
    front = b"From: <an@sct.test>\r\nTo: <lan@ngoai.example>\r\nSubject: To\r\nMessage-ID: <to@a.vn>\r\n\r\n"
    message_pk, new_pk = world.office.store.db.write(lambda tx: fronted(tx, world, front + body * 8_000), SYSTEM)
    store = world.office.store

    def read(conn: Connection) -> tuple[bytes, bytes, list[MessageInfo]]:
        octets = [messages.read_octets(conn, store.blobs, one) for one in (message_pk, new_pk)]
        return octets[0], octets[1], [messages.info(conn, new_pk)]

    old, new, [info] = store.db.read(read)
    assert new == b"Vanthu-Consent: 1; by=link\r\n" + old
    assert (info.size, info.subject) == (len(new), "To")
    assert info.structure.encode() == scan(new).structure.encode()
    assert check(store.db, store.blobs, lambda _step: None) == []


def fronted(tx: Tx, world: World, octets: bytes) -> tuple[int, int]:
    blobs = world.office.store.blobs
    message_pk = store_message_tx(tx, prepare(octets, blobs))
    deliver_tx(tx, message_pk, [world.office.ids["an"]])
    new_pk = with_front_tx(tx, message_pk, b"Vanthu-Consent: 1; by=link\r\n")
    deliver_tx(tx, new_pk, [world.office.ids["an"]])
    return message_pk, new_pk
