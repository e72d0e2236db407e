"""Reminders before the due moment and at it, and the list of the silent; for the worker.

Each request is a transaction of its own: that a mail went out is written with the mail itself, so that none is sent
twice or forgotten, whenever the worker is killed.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Connection, and_, or_, select, update

from mailserver.actor import SYSTEM
from mailserver.delivery import automatic
from mailserver.delivery.announcements import Notice, notify_tx
from mailserver.directory import principals
from mailserver.directory.records import Principal, office_day
from mailserver.store import audit
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.comments import access, letters, requests
from routing.comments.asking import asking_of
from routing.comments.letters import Asking
from routing.comments.requests import Invitee, Request
from routing.comments.schema import comment_invitee, comment_request
from routing.comments.states import State

# Requests that one look settles.
BATCH = 20


def look(store: Store, now: datetime) -> bool:
    """Remind of, and list, what is due at `now`; whether there is more to do at once."""
    due = store.db.read(lambda conn: due_ones(conn, now))
    for request_id in due:
        store.db.write(partial(remind_tx, blobs=store.blobs, request_id=request_id, now=now), SYSTEM)
    return len(due) == BATCH


def due_ones(conn: Connection, now: datetime) -> list[int]:
    """Requests for which something is to be sent."""
    own = comment_invitee.c.request_id == comment_request.c.id
    unwarned = select(comment_invitee.c.id).where(own, comment_invitee.c.warned_at.is_(None), requests.is_silent())
    before = and_(comment_request.c.remind_at <= now, comment_request.c.due_at > now, unwarned.exists())
    over = and_(comment_request.c.due_at <= now, comment_request.c.listed_at.is_(None))
    query = select(comment_request.c.id).where(comment_request.c.state == State.OPEN.value, or_(before, over))
    return list(conn.execute(query.order_by(comment_request.c.due_at, comment_request.c.id).limit(BATCH)).scalars())


def remind_tx(tx: Tx, blobs: BlobStore, request_id: int, now: datetime) -> None:
    """Send what is due of one request, if it still is."""
    request = requests.lock_tx(tx.conn, request_id)
    state = request.state_at(now)
    if state not in (State.OPEN, State.OVERDUE) or (state is State.OVERDUE and request.listed_at is not None):
        return
    asking = asking_of(tx.conn, request)
    known = principals.get_many(tx.conn, {one.principal_id for one in request.invitees})
    over = state is State.OVERDUE
    for one in request.silent:
        if (one.overdue_at if over else one.warned_at) is None:
            _remind_tx(tx, blobs, asking, known[one.principal_id], one, over=over)
    if over:
        _list_tx(tx, blobs, request, asking, [known[one.principal_id].name for one in request.silent])


def _remind_tx(tx: Tx, blobs: BlobStore, asking: Asking, to: Principal, one: Invitee, *, over: bool) -> None:
    words = letters.overdue if over else letters.warning
    automatic.deliver_own_tx(tx, blobs, words(asking, to, one.token, one.message_id), [to.id])
    values = {"overdue_at" if over else "warned_at": tx.now}
    tx.conn.execute(update(comment_invitee).where(comment_invitee.c.id == one.id).values(values))


def _list_tx(tx: Tx, blobs: BlobStore, request: Request, asking: Asking, silent: list[str]) -> None:
    """To the asker; where somebody is silent to the asker's leader too (132/QĐ-STTTT, Điều 7 khoản 5)."""
    subject, text = letters.listing(asking, silent, len(request.invitees))
    office = principals.agency_mailbox(tx.conn, request.agency_id)
    above = access.leaders(tx.conn, asking.asker, office_day(tx.now)) if silent else []
    notify_tx(tx, blobs, Notice(office, subject, text, asking.asker), [asking.asker, *above])
    tx.conn.execute(update(comment_request).where(comment_request.c.id == request.id).values(listed_at=tx.now))
    audit.record_tx(tx, "comments.listed", request=request.id, silent=len(silent))
