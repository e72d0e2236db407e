"""Xin gia hạn: who has a task asks for more time, who gave it decides (04/2017/QĐ-UBND, Điều 11 khoản 6 điểm c).

A request is open as long as the document is at the step at which it was asked. The date of a whole document is the
leaders'; the head who gave a task decides within it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from mailserver.actor import Actor
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing import documents
from routing.errors import DocumentMissing, Incomplete, NoSuchMove, NotYourTurn
from routing.incoming.acts import act_of
from routing.incoming.journey import Act
from routing.incoming.loading import Loaded, load
from routing.incoming.mailing import Planned, plan_notice
from routing.incoming.performing import Wanted, perform
from routing.parties import parties
from routing.schema import document, extension, step
from routing.standing import standing_of
from routing.types import Action, DocumentSummary, ExtensionView, Role, State, StepState

ASKED, GRANTED, REFUSED = "asked", "granted", "refused"
MOST = 100  # requests looked at for the list of those that wait


def ask(store: Store, actor: Actor, document_id: int, reason: str, wanted_on: date) -> None:
    """Ask for more time; who decides hears of it by mail. Raises Incomplete, NotYourTurn, NoSuchMove."""

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        if _open(conn, loaded) is not None:
            raise Incomplete("due_on", "time-asked")
        return act_of(loaded, Action.ASK_TIME, reason, due_on=wanted_on)

    def notices(conn: Connection, loaded: Loaded, act: Act, now: datetime) -> list[Planned]:
        return plan_notice(conn, loaded, act, _deciders(loaded, wanted_on), wanted_on, now)

    def keep(tx: Tx, loaded: Loaded, _steps: list[int]) -> None:
        assert loaded.current is not None
        values = {
            "document_id": document_id,
            "step_id": loaded.current.id,
            "asked_by_id": loaded.standing.person_id,
            "asked_for_id": loaded.acting_for,
            "asked_at": tx.now,
            "reason": reason.strip(),
            "was_due_on": loaded.journey.deadline,
            "wanted_on": wanted_on,
            "state": ASKED,
        }
        tx.conn.execute(insert(extension).values(**values))

    perform(store, actor, Wanted(document_id, None, make_act, notices), keep)


def grant(store: Store, actor: Actor, document_id: int, words: str = "", granted_on: date | None = None) -> None:
    """Give the time that was asked for, or until another day. Raises Incomplete, NotYourTurn, NoSuchMove."""
    _decide(store, actor, document_id, Action.GRANT_TIME, words, granted_on)


def refuse(store: Store, actor: Actor, document_id: int, reason: str) -> None:
    """Leave the deadline as it is. Raises Incomplete, NotYourTurn, NoSuchMove."""
    _decide(store, actor, document_id, Action.REFUSE_TIME, reason, None)


def _decide(store: Store, actor: Actor, document_id: int, action: Action, words: str, granted_on: date | None) -> None:
    def day(asked: Row[Any]) -> date | None:
        return (granted_on or asked.wanted_on) if action is Action.GRANT_TIME else None

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        asked = _asked(conn, loaded)
        return act_of(loaded, action, words, due_on=day(asked))

    def notices(conn: Connection, loaded: Loaded, act: Act, now: datetime) -> list[Planned]:
        asked = _asked(conn, loaded)
        heard = [asked.asked_by_id, loaded.document.holder_id, *_deciders(loaded, asked.wanted_on)]
        return plan_notice(conn, loaded, act, heard, day(asked) or loaded.journey.deadline, now)

    def keep(tx: Tx, loaded: Loaded, _steps: list[int]) -> None:
        asked = _asked(tx.conn, loaded)
        values = {
            "state": GRANTED if action is Action.GRANT_TIME else REFUSED,
            "decided_by_id": loaded.standing.person_id,
            "decided_for_id": loaded.acting_for,
            "decided_at": tx.now,
            "granted_on": day(asked),
            "words": words.strip(),
        }
        tx.conn.execute(update(extension).where(extension.c.id == asked.id).values(**values))
        if action is Action.GRANT_TIME:
            tx.conn.execute(update(step).where(step.c.id == asked.step_id).values(due_on=day(asked)))

    perform(store, actor, Wanted(document_id, None, make_act, notices), keep)


def of_document(conn: Connection, document_id: int, today: date) -> list[ExtensionView]:
    """All requests, oldest first."""
    here = extension.c.document_id == document_id
    rows = list(conn.execute(select(extension).where(here).order_by(extension.c.id)))
    ids = {one for row in rows for one in (row.asked_by_id, row.asked_for_id, row.decided_by_id, row.decided_for_id)}
    known = parties(conn, ids, today)
    return [
        ExtensionView(
            id=row.id,
            step_id=row.step_id,
            asked_by=known[row.asked_by_id],
            asked_for=known.get(row.asked_for_id),
            asked_at=row.asked_at,
            reason=row.reason,
            was_due_on=row.was_due_on,
            wanted_on=row.wanted_on,
            state=row.state,
            decided_by=known.get(row.decided_by_id),
            decided_for=known.get(row.decided_for_id),
            decided_at=row.decided_at,
            granted_on=row.granted_on,
            words=row.words,
        )
        for row in rows
    ]


def waiting(conn: Connection, actor: Actor, now: datetime) -> list[DocumentSummary]:
    """Documents for which more time is asked and which wait for the actor's decision, the oldest request first."""
    standing = standing_of(conn, actor, now)
    query = (
        select(extension.c.document_id, extension.c.asked_by_id, extension.c.wanted_on)
        .join(step, step.c.id == extension.c.step_id)
        .join(document, document.c.id == extension.c.document_id)
        .where(document.c.agency_id == standing.agency_id, document.c.state != State.FINISHED.value)
        .where(extension.c.state == ASKED, step.c.state == StepState.PENDING.value)
        .order_by(extension.c.id)
    )
    if "view_all_documents" not in standing.capabilities:
        # Who decides leads the agency, or has had the document before: the others need not be loaded.
        before = step.alias()
        had = (before.c.document_id == extension.c.document_id, before.c.assignee_id.in_(standing.acts_for))
        query = query.where(select(before.c.id).where(*had, before.c.id < extension.c.step_id).exists())
    mine = [
        row
        for row in conn.execute(query.limit(MOST))
        if _may_decide(conn, row.document_id, row.asked_by_id, row.wanted_on, actor, now)
    ]
    rows = documents.by_ids(conn, [row.document_id for row in mine])
    return documents.summaries(conn, [rows[row.document_id] for row in mine], now)


def _may_decide(
    conn: Connection, document_id: int, asked_by_id: int, wanted_on: date, actor: Actor, now: datetime
) -> bool:
    try:
        loaded = load(conn, document_id, actor, now)
    except DocumentMissing:
        return False
    limit = loaded.journey.limit
    within = limit is None or wanted_on <= limit
    return asked_by_id != actor.principal_id and (
        Role.LEADER in loaded.roles or (within and Role.OVERSEER in loaded.roles)
    )


def _open(conn: Connection, loaded: Loaded) -> Row[Any] | None:
    if loaded.current is None:
        return None
    here = (extension.c.step_id == loaded.current.id, extension.c.state == ASKED)
    return conn.execute(select(extension).where(*here).order_by(extension.c.id)).first()


def _asked(conn: Connection, loaded: Loaded) -> Row[Any]:
    """The open request, which is not the actor's own. Raises NoSuchMove, NotYourTurn."""
    found = _open(conn, loaded)
    if found is None:
        raise NoSuchMove("time-not-asked")
    if found.asked_by_id == loaded.standing.person_id:
        raise NotYourTurn("time-own")
    return found


def _deciders(loaded: Loaded, wanted_on: date) -> list[int]:
    """Whose decision it is: who gave the task; beyond the date of the document, the leader who set it."""
    givers = [
        place for place in loaded.journey.trail if place.holder is not None and place.state is not State.REGISTERED
    ]
    limit = loaded.journey.limit
    if limit is not None and wanted_on > limit:
        givers = [place for place in givers if place.state is State.AWAITING] or givers
    return [place.holder for place in givers[-1:] if place.holder is not None]
