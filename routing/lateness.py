"""How late, whose, and whether with leave: what the regulation rates people and units by.

04/2017/QĐ-UBND, Điều 11 khoản 6 điểm d: lateness without a good reason is rated by its length. A good reason is one
that a leader accepted: days that were granted (`extensions`) are excused, those past the last deadline are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailserver.actor import Actor
from mailserver.directory.principals import Kind, get_many, office_day, unit_of
from routing import documents
from routing.extensions import GRANTED
from routing.officedays import OfficeDays, office_days
from routing.parties import parties
from routing.reach import visible
from routing.schema import document, extension, step
from routing.standing import standing_of
from routing.types import DocumentSummary, Party, State, StepRole


@dataclass(frozen=True, slots=True)
class Late:
    """A document that was or is late. excused, unexcused: days. unit, person: who had it last, None: nobody yet."""

    document_id: int
    unit_id: int | None
    person_id: int | None
    excused: int
    unexcused: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of a unit, or of one of its people. party: None for what nobody has yet."""

    party: Party | None
    lines: tuple[Late, ...]
    people: tuple[Tally, ...] = ()

    @property
    def excused(self) -> int:
        return sum(one.excused for one in self.lines)

    @property
    def unexcused(self) -> int:
        return sum(one.unexcused for one in self.lines)


def late_days(first_due: date, due: date, until: date, days: OfficeDays) -> tuple[int, int]:
    """(excused, unexcused): days past the first deadline that were granted, and days past the last one."""
    unexcused = days.between(due, until)
    return max(days.between(first_due, until) - unexcused, 0), unexcused


def lateness(conn: Connection, actor: Actor, first: date, last: date, now: datetime) -> list[Tally]:
    """By unit, the latest first, of documents that arrived from `first` to `last`, both included.

    Of what the actor may see. Raises NotYourTurn without the capability `statistics`.
    """
    standing = standing_of(conn, actor, now)
    standing.require("statistics")
    assert standing.agency_id is not None
    here = (visible(standing), document.c.kind == documents.INCOMING, document.c.arrived_on.between(first, last))
    rows = list(conn.execute(select(document).where(*here).order_by(document.c.id)))
    return _tallies(conn, _lines(conn, rows, office_days(conn, standing.agency_id), office_day(now)), office_day(now))


def summaries(conn: Connection, actor: Actor, lines: Sequence[Late], now: datetime) -> list[DocumentSummary]:
    """The documents of `lines` that the actor may see, by số đến."""
    ids = [one.document_id for one in lines]
    query = select(document).where(document.c.id.in_(ids), visible(standing_of(conn, actor, now)))
    rows = conn.execute(query.order_by(document.c.register_year, document.c.register_number))
    return documents.summaries(conn, list(rows), now)


def _lines(conn: Connection, rows: Sequence[Row[Any]], days: OfficeDays, today: date) -> list[Late]:
    ids = [row.id for row in rows]
    first_due, assignee = _first_deadlines(conn, ids), _assignees(conn, ids)
    known = get_many(conn, set(assignee.values()))
    units = {one.id: one.id if one.kind is Kind.UNIT else unit_of(conn, one.id) for one in known.values()}
    found = []
    for row in rows:
        if row.deadline is None:
            continue
        until = office_day(row.finished_at) if row.state == State.FINISHED.value else today
        excused, unexcused = late_days(first_due.get(row.id, row.deadline), row.deadline, until, days)
        if excused or unexcused:
            who = known[assignee[row.id]] if row.id in assignee else None
            is_unit = who is not None and who.kind is Kind.UNIT
            unit_id = None if who is None else units[who.id]
            person_id = None if who is None or is_unit else who.id
            found.append(Late(row.id, unit_id, person_id, excused, unexcused))
    return found


def _first_deadlines(conn: Connection, document_ids: list[int]) -> dict[int, date]:
    """Document to its deadline before the first extension that was granted."""
    here = (
        extension.c.document_id.in_(document_ids),
        extension.c.state == GRANTED,
        extension.c.was_due_on.is_not(None),
    )
    query = select(extension.c.document_id, extension.c.was_due_on).where(*here).order_by(extension.c.id.desc())
    return {row.document_id: row.was_due_on for row in conn.execute(query)}


def _assignees(conn: Connection, document_ids: list[int]) -> dict[int, int]:
    """Document to whoever had it last as a task."""
    here = (step.c.document_id.in_(document_ids), step.c.role == StepRole.MAIN.value, step.c.stage.is_(None))
    query = select(step.c.document_id, step.c.assignee_id).where(*here).order_by(step.c.id)
    return {row.document_id: row.assignee_id for row in conn.execute(query)}


def _tallies(conn: Connection, lines: Sequence[Late], today: date) -> list[Tally]:
    known = parties(conn, {one.unit_id for one in lines} | {one.person_id for one in lines}, today)
    made = []
    for unit_id in dict.fromkeys(one.unit_id for one in lines):
        here = [one for one in lines if one.unit_id == unit_id]
        people = [
            Tally(
                None if person_id is None else known[person_id],
                tuple(one for one in here if one.person_id == person_id),
            )
            for person_id in dict.fromkeys(one.person_id for one in here)
        ]
        made.append(Tally(None if unit_id is None else known[unit_id], tuple(here), tuple(_latest_first(people))))
    return _latest_first(made)


def _latest_first(tallies: Iterable[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda one: (-one.unexcused, -one.excused, one.party.name if one.party else ""))
