"""Forward consent (123/QĐ-SCT, Điều 9; DOMAIN §2.7): asking original senders, and what follows from their answers.

A letter waits until everyone who was asked agrees (then it is released), one refuses (then it never leaves), or time is
up (then a leader may decide). Whatever the way, link, reply, override or schedule, it is one of the functions here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from mailbox_policies.forwarding import door, letters, requests
from mailbox_policies.forwarding.errors import AnsweredBefore, NoSuchQuestion, NotForYou, ReasonMissing
from mailbox_policies.forwarding.requests import Question, State, Way
from mailbox_policies.holding import rows
from mailbox_policies.rules.forward_consent import NAME
from mailserver import passing
from mailserver.delivery import automatic
from mailserver.delivery.outside import Outside
from mailserver.directory import grants, identities, posts, principals
from mailserver.directory.records import office_day
from mailserver.directory.rights import Right
from mailserver.mime.address import Address
from mailserver.passing import PassedOn
from mailserver.store import audit, messages
from mailserver.store.blobs import BlobStore
from mailserver.store.tx import Tx

# Who may decide where an original sender does not: leaders of the office.
LEADERS = frozenset(("director", "deputy_director"))
MOST_REASON = 1_000


class Keeper(Protocol):
    """Who keeps letters that wait."""

    def release_tx(self, tx: Tx, held_id: int, field: bytes) -> None:
        """Let it go to those it was kept from, `field` in front of its octets."""
        ...

    def refuse_tx(self, tx: Tx, held_id: int) -> None:
        """It will never go."""
        ...

    def withdraw_tx(self, tx: Tx, held_id: int) -> None:
        """Its writer takes it back."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that has just been kept. forwarder_id: who wrote it; days: how long senders may think."""

    held_id: int
    agency_id: int
    forwarder_id: int
    subject: str
    passes_on: Sequence[PassedOn]
    days: int


class Consents:
    """at: how browsers reach the webmail, without a slash at the end."""

    def __init__(self, blobs: BlobStore, outside: Outside, keeper: Keeper, at: str) -> None:
        self._blobs = blobs
        self._outside = outside
        self._keeper = keeper
        self._at = at

    def ask_tx(self, tx: Tx, waiting: Waiting) -> None:
        """Write to every original sender, and tell the forwarder that the letter waits."""
        program = door.open_tx(tx, waiting.agency_id)
        forwarder = principals.get(tx.conn, waiting.forwarder_id)
        until = tx.now + timedelta(days=waiting.days)
        for author, passed in _by_author(waiting.passes_on).items():
            token = requests.new_token()
            subjects = ", ".join(f"“{one.subject}”" for one in passed)
            readers = ", ".join(dict.fromkeys(reader for one in passed for reader in one.readers))
            question_id = requests.add_tx(
                tx,
                token,
                held_id=waiting.held_id,
                agency_id=waiting.agency_id,
                forwarder_id=waiting.forwarder_id,
                author=author,
                subjects=subjects,
                readers=readers,
                letter_subject=waiting.subject,
                until=until,
            )
            who = f"{forwarder.name} <{forwarder.address}>"
            wanted = letters.Wanted(who, readers, waiting.subject, subjects, until, f"{self._at}/dong-y/{token}")
            self._send_tx(tx, letters.question(program, token, author, wanted))
            audit.record_tx(tx, "consent.asked", owner_id=waiting.forwarder_id, question_id=question_id, author=author)
        authors = list(_by_author(waiting.passes_on))
        readers_of_all = list(dict.fromkeys(reader for one in waiting.passes_on for reader in one.readers))
        texts = letters.is_held(waiting.subject, readers_of_all, authors, f"{self._at}/chuyen-tiep/")
        forwarder_id, about = waiting.forwarder_id, waiting.subject
        self._tell_tx(tx, waiting.agency_id, forwarder_id, about, "Thư đang chờ đồng ý", texts, asks=False)

    def goes_on_tx(self, tx: Tx, held_id: int, reason: Mapping[str, Any]) -> None:
        """Ask about a letter that another rule has kept until now, if it waits for original senders.

        reason: as `holding.keeper.described`, with what the letter passes on."""
        kept = rows.get(tx.conn, held_id)
        passes_on = passing.read(reason.get("passes_on", ()))
        if kept.rule == NAME and kept.actor_id is not None and kept.message_pk is not None and passes_on:
            subject = messages.info(tx.conn, kept.message_pk).subject
            days = int(kept.facts["days"])
            self.ask_tx(tx, Waiting(held_id, kept.agency_id, kept.actor_id, subject, passes_on, days))

    def answer_tx(self, tx: Tx, token: str, agreed: bool, way: Way) -> Question:
        """An original sender's answer, by whoever has the token; who is signed in must be allowed to give it.

        Raises NoSuchQuestion, AnsweredBefore, NotForYou.
        """
        question = requests.by_token(tx.conn, token)
        if question is None:
            raise NoSuchQuestion
        self.require_answerer(tx.conn, tx, question)
        requests.of_letter(tx.conn, question.held_id, lock=True)
        state = State.AGREED if agreed else State.REFUSED
        if not requests.close_tx(tx, question.id, state, way, tx.actor.principal_id):
            raise AnsweredBefore
        self._record_tx(tx, question, f"consent.{state.value}", way)
        self._settle_tx(tx, question.held_id, way)
        return question

    def require_answerer(self, conn: Connection, tx: Tx, question: Question) -> None:
        """Raises NotForYou. Who is not signed in has the token from the mail to the original sender."""
        person_id = tx.actor.principal_id
        if person_id is not None and not may_answer(conn, person_id, question, tx):
            raise NotForYou

    def override_tx(self, tx: Tx, held_id: int, agreed: bool, reason: str) -> None:
        """A leader's decision. Raises NotForYou, ReasonMissing, NoSuchQuestion, AnsweredBefore."""
        said = " ".join(reason.split())[:MOST_REASON]
        found = requests.of_letter(tx.conn, held_id, lock=True)
        if not found:
            raise NoSuchQuestion
        if not is_leader_for(tx.conn, tx, found[0]):
            raise NotForYou
        if not said:
            raise ReasonMissing
        state = State.AGREED if agreed else State.REFUSED
        open_states = (State.ASKED, State.EXPIRED)
        if any(one.state in (State.REFUSED, State.WITHDRAWN) for one in found):
            raise AnsweredBefore
        done = [
            requests.close_tx(tx, one.id, state, Way.OVERRIDE, tx.actor.principal_id, said, open_states)
            for one in found
        ]
        if not any(done):
            raise AnsweredBefore
        self._record_tx(tx, found[0], f"consent.overridden.{state.value}", Way.OVERRIDE, said)
        self._settle_tx(tx, held_id, Way.OVERRIDE)

    def withdraw_tx(self, tx: Tx, held_id: int) -> None:
        """The forwarder thinks better of it. Raises NoSuchQuestion, NotForYou, AnsweredBefore."""
        found = requests.of_letter(tx.conn, held_id, lock=True)
        if not found:
            raise NoSuchQuestion
        if found[0].forwarder_id != tx.actor.principal_id:
            raise NotForYou
        if any(one.state is State.REFUSED for one in found) or all(one.state is State.AGREED for one in found):
            raise AnsweredBefore
        open_states = (State.ASKED, State.EXPIRED, State.AGREED)
        ended = (State.WITHDRAWN, Way.FORWARDER, tx.actor.principal_id, "", open_states)
        done = [requests.close_tx(tx, one.id, *ended) for one in found]
        if not any(done):
            raise AnsweredBefore
        self._record_tx(tx, found[0], "consent.withdrawn", Way.FORWARDER)
        self._keeper.withdraw_tx(tx, held_id)

    def expire_tx(self, tx: Tx) -> int:
        """Close what nobody answered in time, and tell the forwarders; how many letters that were."""
        late = requests.due(tx.conn, tx.now)
        for held_id in late:
            for one in requests.of_letter(tx.conn, held_id, lock=True):
                if requests.close_tx(tx, one.id, State.EXPIRED, Way.SCHEDULE):
                    self._record_tx(tx, one, "consent.expired", Way.SCHEDULE)
                    texts = letters.is_expired(one.letter_subject, one.readers, one.author)
                    about, what = one.letter_subject, "Hết hạn xin ý kiến chuyển tiếp"
                    self._tell_tx(tx, one.agency_id, one.forwarder_id, about, what, texts, asks=True)
        return len(late)

    def tell_unread_tx(self, tx: Tx, to: str, program: Address, texts: tuple[str, str]) -> None:
        """Tell somebody why their answer by mail changed nothing."""
        self._send_tx(tx, letters.told(program, to, "Chưa ghi được trả lời / Answer not taken", texts, asks=True))

    def _settle_tx(self, tx: Tx, held_id: int, way: Way) -> None:
        """What follows from the answers so far: refused by one, agreed by all, or still waiting."""
        found = requests.of_letter(tx.conn, held_id)
        one = found[0]
        refused = next((question for question in found if question.state is State.REFUSED), None)
        if refused is not None:
            for other in found:
                requests.close_tx(tx, other.id, State.WITHDRAWN, way)
            self._keeper.refuse_tx(tx, held_id)
            texts = letters.is_refused(one.letter_subject, _readers(found), refused.author)
            about, what = one.letter_subject, "Không được chuyển tiếp"
            self._tell_tx(tx, one.agency_id, one.forwarder_id, about, what, texts, asks=True)
        elif all(question.state is State.AGREED for question in found):
            self._keeper.release_tx(tx, held_id, field(found))
            texts = letters.is_released(one.letter_subject, _readers(found))
            about, what = one.letter_subject, "Đã được chuyển tiếp"
            self._tell_tx(tx, one.agency_id, one.forwarder_id, about, what, texts, asks=False)

    def _record_tx(self, tx: Tx, question: Question, action: str, way: Way, reason: str = "") -> None:
        audit.record_tx(
            tx,
            action,
            owner_id=question.forwarder_id,
            question_id=question.id,
            held_id=question.held_id,
            author=question.author,
            way=way.value,
            reason=reason,
        )
        tx.emit(action, owner_id=question.forwarder_id, held_id=question.held_id)

    def _tell_tx(
        self, tx: Tx, agency_id: int, forwarder_id: int, about: str, what: str, texts: tuple[str, str], *, asks: bool
    ) -> None:
        to = principals.get(tx.conn, forwarder_id).address
        self._send_tx(tx, letters.told(door.open_tx(tx, agency_id), to, f"{what}: {about}", texts, asks=asks))

    def _send_tx(self, tx: Tx, letter: automatic.Letter) -> None:
        automatic.send_tx(tx, self._blobs, self._outside, letter)


def field(found: Sequence[Question]) -> bytes:
    """The header field of a released letter: whose consent, by its number."""
    return b"".join(f"Vanthu-Consent: {one.id}; by={one.answered_by}\r\n".encode() for one in found)


def may_answer(conn: Connection, person_id: int, question: Question, tx: Tx) -> bool:
    """Whether a person of ours is the original sender, or acts for them; never the forwarder."""
    if person_id == question.forwarder_id:
        return False
    if identities.identity_for(conn, person_id, question.author, tx.now) is not None:
        return True
    asked = principals.by_address(conn, question.author)
    if asked is None:
        return False
    return Right.HANDLE in grants.effective_rights(conn, person_id, tx.now).get(asked.id, frozenset())


def is_leader_for(conn: Connection, tx: Tx, question: Question) -> bool:
    """Whether the actor leads the forwarder's office, and is not the forwarder."""
    person_id = tx.actor.principal_id
    if person_id is None or person_id == question.forwarder_id or tx.actor.agency_id != question.agency_id:
        return False
    return is_leader(conn, person_id, tx.now)


def is_leader(conn: Connection, person_id: int, now: datetime) -> bool:
    """Whether somebody may decide in the place of original senders."""
    return leads(posts.posts_of(conn, person_id, office_day(now)))


def leads(held: Iterable[posts.Post]) -> bool:
    """As `is_leader`, by the posts that somebody holds."""
    return any(post.role in LEADERS for post in held)


def _readers(found: Sequence[Question]) -> str:
    return ", ".join(dict.fromkeys(reader for one in found for reader in one.readers.split(", ")))


def _by_author(passes_on: Sequence[PassedOn]) -> dict[str, list[PassedOn]]:
    """What is passed on of each original sender. A letter of several authors asks each of them."""
    found: dict[str, list[PassedOn]] = {}
    for one in passes_on:
        for author in one.authors:
            found.setdefault(author, []).append(one)
    return found
