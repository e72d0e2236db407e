"""Việc hôm nay: what waits for somebody, in their own name and for the offices they act for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from mailserver.actor import Actor
from mailserver.directory.principals import Kind, get_many, office_day
from mailserver.store.flags import Flag
from mailserver.store.schema import entry
from routing import documents, extensions, setup, steps
from routing.officedays import office_days
from routing.parties import parties
from routing.schema import document, step
from routing.standing import Standing, standing_of
from routing.steps import StepRow
from routing.types import DocumentSummary, State, StepRole, StepState, Work, WorkItem

LIMIT = 500


def my_work(conn: Connection, actor: Actor, now: datetime) -> Work:
    """The actor's lists, most pressing first: overdue, then urgency, then deadline."""
    standing = standing_of(conn, actor, now)
    rows = _pending(conn, standing)
    items = _items(conn, rows, now)
    kinds = {pk: one.kind for pk, one in get_many(conn, {row.assignee_id for row in rows}).items()}
    main = [(row, items[row.id]) for row in rows if row.role == StepRole.MAIN.value]
    handled = [item for row, item in main if _is_handlers(row, kinds)]
    to_assign = [item for row, item in main if row.stage is None and kinds[row.assignee_id] is Kind.UNIT]
    to_direct = [item for row, item in main if row.stage is not None]
    cc = [items[row.id] for row in rows if row.role == StepRole.CC.value]
    return Work(
        to_submit=tuple(_to_submit(conn, standing, now)),
        to_direct=_ordered(to_direct),
        to_assign=_ordered(to_assign),
        to_handle=_ordered(handled),
        for_information=_ordered(cc),
        overdue=_ordered([item for item in (*to_direct, *to_assign, *handled) if item.overdue]),
        to_extend=tuple(extensions.waiting(conn, actor, now)),
        intake=_intake(conn, standing),
    )


def _is_handlers(row: StepRow, kinds: dict[int, Kind]) -> bool:
    return row.stage is None and kinds[row.assignee_id] in (Kind.PERSON, Kind.POST)


def _pending(conn: Connection, standing: Standing) -> list[StepRow]:
    query = select(step).where(step.c.assignee_id.in_(standing.acts_for), step.c.state == StepState.PENDING.value)
    return list(conn.execute(query.order_by(step.c.id.desc()).limit(LIMIT)))


def _items(conn: Connection, rows: list[StepRow], now: datetime) -> dict[int, WorkItem]:
    today = office_day(now)
    found = list(documents.by_ids(conn, {row.document_id for row in rows}).values())
    lines = {one.id: one for one in documents.summaries(conn, found, now)}
    ids = {row.assignee_id for row in rows} | {row.sender_id for row in rows}
    known = parties(conn, ids, today)
    mails = steps.mail_refs(conn, rows)
    days = {one.agency_id: office_days(conn, one.agency_id) for one in found}
    counting = {one.id: days[one.agency_id] for one in found}
    return {
        row.id: WorkItem(
            step_id=row.id,
            document=lines[row.document_id],
            role=StepRole(row.role),
            assignee=known[row.assignee_id],
            sender=known.get(row.sender_id),
            text=row.text,
            since=row.opened_at,
            due_on=row.due_on,
            days_left=(row.due_on - today).days if row.due_on else None,
            overdue=row.due_on is not None and row.due_on < today,
            mail=mails.get(row.id),
            late=counting[row.document_id].between(row.due_on, today) if row.due_on else 0,
        )
        for row in rows
    }


def _ordered(items: list[WorkItem]) -> tuple[WorkItem, ...]:
    far = 10**6  # days: no deadline sorts after every deadline
    return tuple(
        sorted(
            items,
            key=lambda i: (
                not i.overdue,
                -i.document.fields.urgency,
                far if i.days_left is None else i.days_left,
                i.since,
            ),
        )
    )


def _to_submit(conn: Connection, standing: Standing, now: datetime) -> list[DocumentSummary]:
    if standing.agency_id is None or not standing.is_clerk_of(standing.agency_id):
        return []
    here = (document.c.agency_id == standing.agency_id, document.c.state == State.REGISTERED.value)
    query = select(document).where(*here).order_by(document.c.urgency.desc(), document.c.id)
    return documents.summaries(conn, list(conn.execute(query.limit(LIMIT))), now)


def _intake(conn: Connection, standing: Standing) -> int:
    if standing.agency_id is None or not standing.is_clerk_of(standing.agency_id):
        return 0
    inbox = setup.agency_inbox(conn, standing.agency_id)
    query = select(func.count()).where(entry.c.folder_id == inbox, entry.c.flags.op("&")(int(Flag.DELETED)) == 0)
    return int(conn.execute(query).scalar_one())
