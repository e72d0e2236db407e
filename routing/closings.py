"""What was closed without anything to show for it: the leader's list against closing to evade.

04/2017/QĐ-UBND, Điều 23 khoản 5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from mailserver.actor import Actor
from mailserver.directory.records import day_begins, office_day
from mailserver.text import fold
from routing import documents
from routing.parties import parties
from routing.reach import visible
from routing.schema import document, document_file, opinion, step
from routing.standing import standing_of
from routing.types import DocumentSummary, Party, State, StepRole, Treatment

MOST = 500  # lines of the list
# Words that name no result: "Đã xong", "OK", "Đã xử lý xong văn bản".
_TRITE = re.compile(
    r"(da|duoc|roi|xong|ok|xu ly|giai quyet|hoan thanh|ket thuc|thuc hien|xem|biet|ro|nhan|van ban|cong viec|luu|\W)*"
)


@dataclass(frozen=True, slots=True)
class Closed:
    """A document that was closed without output. by: the person; assignee: whose task it was; words: theirs."""

    document: DocumentSummary
    by: Party | None
    assignee: Party
    at: datetime
    words: str


def says_something(text: str) -> bool:
    """Whether words tell a result, and not only that it is done."""
    return _TRITE.fullmatch(fold(text)) is None


def without_output(conn: Connection, actor: Actor, first: date, last: date, now: datetime) -> list[Closed]:
    """What was closed from `first` to `last`, both included, with no result, opinion or file; the latest first.

    Of what the actor may see; a document that was only to be known needs none. Raises NotYourTurn without the
    capability `statistics`.
    """
    standing = standing_of(conn, actor, now)
    standing.require("statistics")
    since, until = day_begins(first), day_begins(last + timedelta(days=1))
    query = select(document).where(
        visible(standing),
        document.c.kind == documents.INCOMING,
        document.c.state == State.FINISHED.value,
        document.c.treatment != Treatment.INFORMATION.value,
        document.c.finished_at >= since,
        document.c.finished_at < until,
    )
    rows = {row.id: row for row in conn.execute(query.order_by(document.c.finished_at.desc()))}
    closing = _closing_steps(conn, list(rows))
    fruitful = _with_opinion(conn, [one.id for one in closing.values()])
    empty = [
        one
        for document_id in rows
        if (one := closing.get(document_id)) and one.id not in fruitful and not says_something(one.close_note)
    ]
    return _lines(conn, [rows[one.document_id] for one in empty[:MOST]], empty[:MOST], now)


def _closing_steps(conn: Connection, document_ids: list[int]) -> dict[int, Row[Any]]:
    """Document to the main step at which it ended."""
    here = (step.c.document_id.in_(document_ids), step.c.role == StepRole.MAIN.value)
    return {row.document_id: row for row in conn.execute(select(step).where(*here).order_by(step.c.id))}


def _with_opinion(conn: Connection, step_ids: list[int]) -> set[int]:
    """Those of the steps at which somebody said something, or brought a file."""
    attached = select(document_file.c.opinion_id).where(document_file.c.opinion_id == opinion.c.id).exists()
    query = select(opinion.c.step_id, opinion.c.text, attached.label("file")).where(opinion.c.step_id.in_(step_ids))
    return {row.step_id for row in conn.execute(query) if row.file or says_something(row.text)}


def _lines(conn: Connection, rows: Sequence[Row[Any]], steps: Sequence[Row[Any]], now: datetime) -> list[Closed]:
    shown = documents.summaries(conn, rows, now)
    ids = {one.closed_by_id for one in steps} | {one.assignee_id for one in steps}
    known = parties(conn, ids, office_day(now))
    return [
        Closed(summary, known.get(one.closed_by_id), known[one.assignee_id], one.closed_at, one.close_note)
        for summary, one in zip(shown, steps, strict=True)
    ]
