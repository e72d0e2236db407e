"""Requests, invitees and answers as values and rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from mailserver.mime.compose import Attachment
from routing.comments.schema import comment_answer, comment_invitee, comment_request
from routing.comments.states import State, state_at
from routing.errors import DocumentMissing


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to ask. people: principals, each once. case_id: the case file of the draft, or None."""

    subject: str
    question: str
    due_at: datetime
    people: tuple[int, ...]
    files: tuple[Attachment, ...] = ()
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """See the table."""

    author_id: int
    text: str
    declined: bool
    late: bool
    message_pk: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Invitee:
    """answers: all that this one said, the last counts."""

    id: int
    request_id: int
    principal_id: int
    token: str
    message_id: str
    asked_at: datetime
    warned_at: datetime | None
    overdue_at: datetime | None
    answers: tuple[Answer, ...]

    @property
    def answer(self) -> Answer | None:
        return self.answers[-1] if self.answers else None


@dataclass(frozen=True, slots=True)
class Request:
    """stored: the state of the row; see `state_at`."""

    id: int
    agency_id: int
    asker_id: int
    subject: str
    question: str
    case_id: int | None
    due_at: datetime
    stored: State
    asked_at: datetime
    ended_at: datetime | None
    listed_at: datetime | None
    message_pk: int
    thread_root: str
    invitees: tuple[Invitee, ...]

    def state_at(self, now: datetime) -> State:
        return state_at(self.stored, self.due_at, now)

    @property
    def silent(self) -> tuple[Invitee, ...]:
        """Who has not answered."""
        return tuple(one for one in self.invitees if one.answer is None)

    @property
    def answered(self) -> tuple[Invitee, ...]:
        return tuple(one for one in self.invitees if one.answer is not None)

    def invitee(self, invitee_id: int) -> Invitee:
        """Raises DocumentMissing."""
        found = next((one for one in self.invitees if one.id == invitee_id), None)
        if found is None:
            raise DocumentMissing()
        return found


def get(conn: Connection, request_id: int) -> Request:
    """Raises DocumentMissing."""
    found = of(conn, comment_request.c.id == request_id)
    if not found:
        raise DocumentMissing()
    return found[0]


def lock_tx(conn: Connection, request_id: int) -> Request:
    """As `get`; nobody else changes it or answers it before this transaction ends."""
    conn.execute(select(comment_request.c.id).where(comment_request.c.id == request_id).with_for_update())
    return get(conn, request_id)


def invited(conn: Connection, token: str, answers: Collection[str]) -> tuple[int, int] | None:
    """(request, invitee) that a mail answers: by the token of its address, else by the mail that it names.

    token: in any case, for mail systems change it; "" for none. answers: Message-IDs of In-Reply-To and References.
    """
    wanted = comment_invitee.c.token == token.lower() if token else comment_invitee.c.message_id.in_(answers)
    row = conn.execute(select(comment_invitee.c.request_id, comment_invitee.c.id).where(wanted)).first()
    return None if row is None else (row.request_id, row.id)


def is_silent() -> ColumnElement[bool]:
    """The condition on `comment_invitee` that this one has not answered."""
    return ~select(comment_answer.c.id).where(comment_answer.c.invitee_id == comment_invitee.c.id).exists()


def of(conn: Connection, *conditions: ColumnElement[bool], most: int | None = None) -> list[Request]:
    """The newest first; three queries."""
    query = select(comment_request).where(*conditions).order_by(comment_request.c.id.desc()).limit(most)
    rows = conn.execute(query).all()
    asked: dict[int, list[Invitee]] = {row.id: [] for row in rows}
    for one in _invitees(conn, list(asked)):
        asked[one.request_id].append(one)
    return [_request(row, asked[row.id]) for row in rows]


def _invitees(conn: Connection, request_ids: Sequence[int]) -> list[Invitee]:
    here = comment_invitee.c.request_id.in_(request_ids)
    said: dict[int, list[Answer]] = {}
    answers = select(comment_answer).join(comment_invitee, comment_invitee.c.id == comment_answer.c.invitee_id)
    for row in conn.execute(answers.where(here).order_by(comment_answer.c.id)):
        one = Answer(row.author_id, row.text, row.declined, row.late, row.message_pk, row.at)
        said.setdefault(row.invitee_id, []).append(one)
    rows = conn.execute(select(comment_invitee).where(here).order_by(comment_invitee.c.id))
    return [_invitee(row, tuple(said.get(row.id, ()))) for row in rows]


def _invitee(row: Row[Any], answers: tuple[Answer, ...]) -> Invitee:
    return Invitee(
        id=row.id,
        request_id=row.request_id,
        principal_id=row.principal_id,
        token=row.token,
        message_id=row.message_id,
        asked_at=row.asked_at,
        warned_at=row.warned_at,
        overdue_at=row.overdue_at,
        answers=answers,
    )


def _request(row: Row[Any], invitees: Sequence[Invitee]) -> Request:
    return Request(
        id=row.id,
        agency_id=row.agency_id,
        asker_id=row.asker_id,
        subject=row.subject,
        question=row.question,
        case_id=row.case_id,
        due_at=row.due_at,
        stored=State(row.state),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        listed_at=row.listed_at,
        message_pk=row.message_pk,
        thread_root=row.thread_root,
        invitees=tuple(invitees),
    )
