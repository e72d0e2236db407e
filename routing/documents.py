"""Rows of `document` and `document_file`, and their short views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mailserver.directory.principals import office_day
from mailserver.text import fold, nfc, storable
from routing.errors import DocumentMissing
from routing.officedays import OfficeDays, office_days
from routing.parties import parties
from routing.schema import document, document_file, step
from routing.types import (
    DocumentSummary,
    DueBy,
    Fields,
    FileRole,
    FileView,
    Party,
    Secrecy,
    State,
    StepRole,
    Treatment,
    Urgency,
)

INCOMING = "incoming"
DocumentRow = Row[Any]

_TYPED = ("secrecy",)  # fields of `Fields` that have no column: secret documents are not kept


def lock(conn: Connection, document_id: int) -> DocumentRow:
    """The document's row, locked until the end of the transaction. Raises DocumentMissing."""
    return _one(conn.execute(select(document).where(document.c.id == document_id).with_for_update()).first())


def get(conn: Connection, document_id: int) -> DocumentRow:
    """Raises DocumentMissing."""
    return _one(conn.execute(select(document).where(document.c.id == document_id)).first())


def _one(row: DocumentRow | None) -> DocumentRow:
    if row is None:
        raise DocumentMissing()
    return row


def fields_from(row: DocumentRow) -> Fields:
    """What the clerk typed."""
    values = {f.name: row._mapping[f.name] for f in fields_of(Fields) if f.name not in _TYPED}
    values["urgency"] = Urgency(values["urgency"])
    values["treatment"] = Treatment(values["treatment"])
    return Fields(**values, secrecy=Secrecy.NORMAL)


def cleaned(fields: Fields) -> Fields:
    """As typed, on one line each, Unicode NFC, without what no database takes."""
    texts: dict[str, Any] = {
        f.name: storable(nfc(" ".join(value.split())))
        for f in fields_of(Fields)
        if isinstance(value := getattr(fields, f.name), str)
    }
    return replace(fields, **texts)


def columns_of(fields: Fields, today: date) -> dict[str, Any]:
    """The columns that keep `fields`, folded ones included."""
    values: dict[str, Any] = {f.name: getattr(fields, f.name) for f in fields_of(Fields) if f.name not in _TYPED}
    values["urgency"] = int(fields.urgency)
    values["treatment"] = fields.treatment.value
    values["arrived_on"] = fields.arrived_on or today
    return values | folded_columns(fields)


def folded_columns(fields: Fields) -> dict[str, str]:
    parts = (
        fields.code,
        fields.summary,
        fields.summary_original,
        fields.issuer,
        fields.type_name,
        fields.signer,
        fields.subject_field,
    )
    return {
        "words": fold(" ".join(parts)),
        "code_folded": folded_code(fields.code),
        "issuer_folded": fold(fields.issuer)[:200],
    }


def folded_code(code: str) -> str:
    """Số/ký hiệu without spaces, case and diacritics: "1482 / UBND–KTN" equals "1482/ubnd-ktn"."""
    return fold(code).replace(" ", "").replace("–", "-")[:60]


def summaries(conn: Connection, rows: Sequence[DocumentRow], now: datetime) -> list[DocumentSummary]:
    """Lines of a list in the order of `rows`; five queries however many rows."""
    today = office_day(now)
    last = _last_handlers(conn, [row.id for row in rows if row.holder_id is None])
    known = parties(conn, (row.holder_id or last.get(row.id) for row in rows), today)
    counts = _file_counts(conn, [row.id for row in rows])
    days = {one: office_days(conn, one) for one in {row.agency_id for row in rows}}
    return [_summary(row, known, last.get(row.id), counts.get(row.id, 0), today, days[row.agency_id]) for row in rows]


def _last_handlers(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Document to the assignee of its last main step."""
    here = (step.c.document_id.in_(ids)) & (step.c.role == StepRole.MAIN.value)
    rows = conn.execute(select(step.c.document_id, step.c.assignee_id).where(here).order_by(step.c.id))
    return {row.document_id: row.assignee_id for row in rows}


def _summary(
    row: DocumentRow, known: Mapping[int, Party], last: int | None, files: int, today: date, days: OfficeDays
) -> DocumentSummary:
    state = State(row.state)
    until = office_day(row.finished_at) if row.finished_at and state is State.FINISHED else today
    holder = known.get(row.holder_id)
    return DocumentSummary(
        id=row.id,
        number=row.register_number,
        year=row.register_year,
        fields=fields_from(row),
        state=state,
        registered_at=row.registered_at,
        finished_at=row.finished_at,
        holder=holder,
        receiver=holder or known.get(last or 0),
        due_on=row.deadline,
        overdue=state is not State.FINISHED and row.deadline is not None and row.deadline < today,
        files=files,
        due_by=DueBy(row.due_by),
        late=days.between(row.deadline, until) if row.deadline else 0,
    )


def by_ids(conn: Connection, ids: Iterable[int]) -> dict[int, DocumentRow]:
    rows = conn.execute(select(document).where(document.c.id.in_(list(ids))))
    return {row.id: row for row in rows}


def files_of(conn: Connection, document_id: int) -> list[Row[Any]]:
    """Rows of the document's files, in order."""
    query = select(document_file).where(document_file.c.document_id == document_id)
    return list(conn.execute(query.order_by(document_file.c.position, document_file.c.id)))


def file_view(row: Row[Any]) -> FileView:
    return FileView(row.id, FileRole(row.role), row.filename, row.media_type, row.size, row.digest.hex(), row.added_at)


def _file_counts(conn: Connection, ids: list[int]) -> dict[int, int]:
    query = (
        select(document_file.c.document_id, func.count())
        .where(document_file.c.document_id.in_(ids), document_file.c.opinion_id.is_(None))
        .group_by(document_file.c.document_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}
