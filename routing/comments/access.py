"""Who sees a comment request, and who may do what with it.

The asker, and who acts for the asker, manage it. The asker's leader, who sees all documents of the agency, and who may
open its case file read it all. Who is asked sees the question and their own answers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from mailserver.directory import capabilities, principals
from mailserver.directory.records import Principal, Status, office_day
from routing import cases
from routing.comments import requests
from routing.comments.requests import Invitee, Request
from routing.comments.schema import comment_invitee, comment_request
from routing.comments.states import State
from routing.errors import DocumentMissing, NotYourTurn
from routing.standing import Standing

MOST = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as one person finds it. whole: all answers may be read. own: as whom the person is asked."""

    request: Request
    manages: bool
    whole: bool
    own: tuple[Invitee, ...]


def see(conn: Connection, standing: Standing, request_id: int, now: datetime) -> Seen:
    """Raises DocumentMissing for who may not know of it."""
    return _seen(conn, standing, requests.get(conn, request_id), now)


def manage_tx(conn: Connection, standing: Standing, request_id: int, now: datetime) -> Request:
    """The request, locked, for who manages it. Raises DocumentMissing, NotYourTurn."""
    found = _seen(conn, standing, requests.lock_tx(conn, request_id), now)
    if not found.manages:
        raise NotYourTurn("comments-not-asker")
    return found.request


def answers_tx(conn: Connection, standing: Standing, request_id: int, invitee_id: int) -> tuple[Request, Invitee]:
    """The request, locked, and the invitee that the actor is or acts for. Raises DocumentMissing."""
    request = requests.lock_tx(conn, request_id)
    invitee = request.invitee(invitee_id)
    if invitee.principal_id not in standing.acts_for:
        raise DocumentMissing()
    return request, invitee


def asked_by(conn: Connection, standing: Standing) -> list[Request]:
    """What the actor, or whom the actor acts for, has asked; the newest first."""
    return requests.of(conn, comment_request.c.asker_id.in_(standing.acts_for), most=MOST)


def asked_of(conn: Connection, standing: Standing) -> list[Request]:
    """What they are asked, the newest first; not what was withdrawn before they answered."""
    invited = select(comment_invitee.c.request_id).where(comment_invitee.c.principal_id.in_(standing.acts_for))
    return requests.of(conn, comment_request.c.id.in_(invited), most=MOST)


def of_case(conn: Connection, case_id: int) -> list[Request]:
    """For who may open the case file: what was asked about its drafts."""
    return requests.of(conn, comment_request.c.case_id == case_id, most=MOST)


def waiting(conn: Connection, acts_for: Collection[int]) -> int:
    """How many answers are wanted of these people: somebody and all whom that one acts for (`Standing.acts_for`)."""
    query = (
        select(func.count())
        .select_from(comment_invitee)
        .join(comment_request, comment_request.c.id == comment_invitee.c.request_id)
        .where(comment_invitee.c.principal_id.in_(acts_for), requests.is_silent())
        .where(comment_request.c.state == State.OPEN.value)
    )
    return int(conn.execute(query).scalar_one())


def leaders(conn: Connection, asker: Principal, day: date) -> list[Principal]:
    """Whom the asker answers to: the head of the unit; of a head, or of who is in none, the director."""
    head = principals.head_over(conn, asker.id, day)
    ids = [head] if head not in (None, asker.id) else capabilities.holders_of(conn, asker.agency_id, "director", day)
    found = principals.get_many(conn, {one for one in ids if one not in (None, asker.id)})
    return [one for one in found.values() if one.status is Status.ACTIVE]


def _seen(conn: Connection, standing: Standing, request: Request, now: datetime) -> Seen:
    if standing.agency_id != request.agency_id:
        raise DocumentMissing()
    manages = request.asker_id in standing.acts_for
    own = tuple(one for one in request.invitees if one.principal_id in standing.acts_for)
    whole = manages or _reads_all(conn, standing, request, now)
    if not whole and not own:
        raise DocumentMissing()
    return Seen(request, manages, whole, own)


def _reads_all(conn: Connection, standing: Standing, request: Request, now: datetime) -> bool:
    if standing.can("view_all_documents", request.agency_id):
        return True
    if request.case_id is not None and cases.may_open(conn, standing, request.case_id):
        return True
    above: Sequence[Principal] = leaders(conn, principals.get(conn, request.asker_id), office_day(now))
    return any(one.id in standing.acts_for for one in above)
