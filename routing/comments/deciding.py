"""What the asker does with a request: another due moment, summing up, withdrawing, opening it again.

Each one transaction, with the mails that go with it. Raises DocumentMissing, NotYourTurn, NoSuchMove, Incomplete; then
nothing has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from mailserver.delivery import automatic
from mailserver.directory import principals
from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from routing.comments import access, letters, requests
from routing.comments.asking import asking_of
from routing.comments.requests import Invitee, Request
from routing.comments.schema import comment_invitee, comment_request
from routing.comments.states import Act, State, advance, check_due, remind_at
from routing.profile import profile_of
from routing.standing import standing_of


def extend_tx(tx: Tx, blobs: BlobStore, request_id: int, due_at: datetime) -> datetime:
    """Another due moment, later or sooner; who has not answered hears of it. The one it was before."""
    request = _managed_tx(tx, request_id, Act.EXTEND)
    check_due(due_at, tx.now)
    if due_at != request.due_at:
        _set_due_tx(tx, request, due_at)
        audit.record_tx(tx, "comments.extended", request=request.id, due_at=due_at.isoformat())
        _tell_tx(tx, blobs, request.id, request.silent, letters.changed_due)
    return request.due_at


def close_tx(tx: Tx, request_id: int) -> None:
    """Tổng hợp: no more answers are taken."""
    _end_tx(tx, _managed_tx(tx, request_id, Act.CLOSE), State.CLOSED)


def withdraw_tx(tx: Tx, blobs: BlobStore, request_id: int) -> None:
    """Rút: all who were asked hear that no answer is wanted."""
    request = _managed_tx(tx, request_id, Act.WITHDRAW)
    _end_tx(tx, request, State.WITHDRAWN)
    _tell_tx(tx, blobs, request.id, request.invitees, letters.withdrawn)


def reopen_tx(tx: Tx, blobs: BlobStore, request_id: int) -> None:
    """Mở lại, with the due moment as it was. Only who had been told that it was withdrawn hears of it."""
    request = _managed_tx(tx, request_id, Act.REOPEN)
    here = comment_request.c.id == request.id
    tx.conn.execute(update(comment_request).where(here).values(state=State.OPEN.value, ended_at=None))
    audit.record_tx(tx, "comments.reopened", request=request.id)
    if request.stored is State.WITHDRAWN:
        _tell_tx(tx, blobs, request.id, request.invitees, letters.reopened, asks=True)


def _managed_tx(tx: Tx, request_id: int, act: Act) -> Request:
    request = access.manage_tx(tx.conn, standing_of(tx.conn, tx.actor, tx.now), request_id, tx.now)
    advance(request.state_at(tx.now), act)
    return request


def _set_due_tx(tx: Tx, request: Request, due_at: datetime) -> None:
    """Reminders and list are due again, for the new moment."""
    hours = profile_of(tx.conn, request.agency_id).comments.remind_hours
    values = {"due_at": due_at, "remind_at": remind_at(tx.now, due_at, hours), "listed_at": None}
    tx.conn.execute(update(comment_request).where(comment_request.c.id == request.id).values(values))
    again = update(comment_invitee).where(comment_invitee.c.request_id == request.id)
    tx.conn.execute(again.values(warned_at=None, overdue_at=None))


def _end_tx(tx: Tx, request: Request, state: State) -> None:
    here = comment_request.c.id == request.id
    tx.conn.execute(update(comment_request).where(here).values(state=state.value, ended_at=tx.now))
    audit.record_tx(tx, f"comments.{state.value}", request=request.id)


def _tell_tx(
    tx: Tx, blobs: BlobStore, request_id: int, people: Sequence[Invitee], words: letters.Words, *, asks: bool = False
) -> None:
    asking = asking_of(tx.conn, requests.get(tx.conn, request_id))
    known = principals.get_many(tx.conn, {one.principal_id for one in people})
    for one in people:
        to = known[one.principal_id]
        letter = letters.told(asking, to, one.token, one.message_id, words(asking), asks=asks)
        automatic.deliver_own_tx(tx, blobs, letter, [to.id])
