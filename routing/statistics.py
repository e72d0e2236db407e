"""Counts over the incoming register, with the documents behind every number (1201/QĐ-SYT, Điều 8 khoản 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from mailserver.actor import Actor
from mailserver.directory.principals import Kind, get_many, office_day, unit_of, units
from routing import documents
from routing.parties import parties
from routing.reach import visible
from routing.schema import document, step
from routing.standing import standing_of
from routing.types import DocumentSummary, Figures, Party, State, StepRole

# The line of what no unit has yet, by locale.
NOT_ASSIGNED = {"vi": "Chưa giao", "en": "Not assigned"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One document as the statistics see it."""

    id: int
    unit_id: int | None
    finished_on: date | None
    deadline: date | None


def figures(
    conn: Connection,
    actor: Actor,
    first: date,
    last: date,
    *,
    by: Literal["unit", "none"] = "none",
    now: datetime,
) -> list[Figures]:
    """Documents that arrived from `first` to `last`, both included: all, or a line for each unit.

    Of those the actor may see: the whole agency for leaders and registry, else the own units' work.
    Raises NotYourTurn without the capability `statistics`.
    """
    standing = standing_of(conn, actor, now)
    standing.require("statistics")
    here = (visible(standing), document.c.kind == documents.INCOMING, document.c.arrived_on.between(first, last))
    rows = list(conn.execute(select(document).where(*here).order_by(document.c.id)))
    lines = _lines(conn, rows)
    today = office_day(now)
    if by == "none":
        return [_count("", None, lines, today)]
    return _by_unit(conn, actor, lines, today)


def summaries(conn: Connection, actor: Actor, ids: Sequence[int], now: datetime) -> list[DocumentSummary]:
    """The documents behind a number, those the actor may see, by số đến."""
    standing = standing_of(conn, actor, now)
    query = select(document).where(document.c.id.in_(ids), visible(standing))
    rows = conn.execute(query.order_by(document.c.register_year, document.c.register_number))
    return documents.summaries(conn, list(rows), now)


def _lines(conn: Connection, rows: Sequence[Row[Any]]) -> list[_Line]:
    responsible = _responsible_units(conn, [row.id for row in rows])
    return [
        _Line(
            row.id,
            responsible.get(row.id),
            office_day(row.finished_at) if row.state == State.FINISHED.value else None,
            row.deadline,
        )
        for row in rows
    ]


def _responsible_units(conn: Connection, document_ids: list[int]) -> dict[int, int]:
    """Document id to the unit whose work it last was."""
    query = (
        select(step.c.document_id, step.c.assignee_id)
        .where(step.c.document_id.in_(document_ids), step.c.role == StepRole.MAIN.value, step.c.stage.is_(None))
        .order_by(step.c.id)
    )
    last: dict[int, int] = {row[0]: row[1] for row in conn.execute(query)}
    known = get_many(conn, set(last.values()))
    unit = {one.id: one.id if one.kind is Kind.UNIT else unit_of(conn, one.id) for one in known.values()}
    return {doc: found for doc, assignee in last.items() if (found := unit.get(assignee)) is not None}


def _by_unit(conn: Connection, actor: Actor, lines: list[_Line], today: date) -> list[Figures]:
    if actor.agency_id is None:
        return []
    order = [one.id for one in units(conn, actor.agency_id)]
    known = parties(conn, order, today)
    made = [
        _count(known[unit_id].name, known[unit_id], [line for line in lines if line.unit_id == unit_id], today)
        for unit_id in order
    ]
    rest = [line for line in lines if line.unit_id not in order]
    label = NOT_ASSIGNED.get(actor.locale, NOT_ASSIGNED["vi"])
    return [one for one in (*made, _count(label, None, rest, today)) if one.received]


def _count(label: str, party: Party | None, lines: list[_Line], today: date) -> Figures:
    def late(line: _Line) -> bool:
        return line.deadline is not None and line.deadline < (line.finished_on or today)

    return Figures(
        label=label,
        party=party,
        received=_ids(lines, lambda _line: True),
        finished=_ids(lines, lambda line: line.finished_on is not None),
        open=_ids(lines, lambda line: line.finished_on is None and not late(line)),
        overdue=_ids(lines, lambda line: line.finished_on is None and late(line)),
        finished_late=_ids(lines, lambda line: line.finished_on is not None and late(line)),
    )


def _ids(lines: Iterable[_Line], wanted: Callable[[_Line], bool]) -> tuple[int, ...]:
    return tuple(line.id for line in lines if wanted(line))
