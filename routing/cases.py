"""Case files (hồ sơ công việc): where a settled document is kept (1201/QĐ-SYT, Điều 8 khoản 1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from mailserver.actor import Actor
from mailserver.directory.principals import office_day, unit_of
from mailserver.store.database import Tx
from mailserver.store.store import Store
from mailserver.text import fold, nfc
from routing import documents
from routing.errors import DocumentMissing, Incomplete
from routing.incoming.acts import act_of
from routing.incoming.journey import Act
from routing.incoming.loading import Loaded
from routing.incoming.performing import Wanted, perform
from routing.parties import parties
from routing.rows import insert_tx
from routing.schema import case_file, case_file_document, document
from routing.standing import Standing, standing_of
from routing.types import Action, CaseView, DocumentSummary

LIMIT = 200
MAX_CODE, MAX_TITLE = 20, 300  # characters (30/2020/NĐ-CP, Phụ lục VI: FileNotation, Title)


def cases(conn: Connection, actor: Actor, words: str = "") -> list[CaseView]:
    """The open case files the actor may file into: of their unit, their own, the latest first.

    words: only those whose title or notation has all of them, folded.
    """
    standing = standing_of(conn, actor, datetime.now(UTC))
    query = select(case_file).where(
        case_file.c.agency_id == standing.agency_id,
        case_file.c.owner_id.in_(_owners(conn, standing)),
        case_file.c.closed.is_(False),
    )
    for word in fold(words).split():
        query = query.where(case_file.c.words.contains(word, autoescape=True))
    return _views(conn, list(conn.execute(query.order_by(case_file.c.id.desc()).limit(LIMIT))))


def create(store: Store, actor: Actor, title: str, *, code: str = "") -> int:
    """Open a case file for the actor's unit (their own without one); its id.

    code: its notation; "" gives the next free number of the year, "12.HS".
    Raises Incomplete("title" or "code").
    """
    clean = nfc(" ".join(title.split()))
    if not clean or len(clean) > MAX_TITLE:
        raise Incomplete("title")

    def work(tx: Tx) -> int:
        standing = standing_of(tx.conn, tx.actor, tx.now)
        if standing.person_id is None or standing.agency_id is None:
            raise DocumentMissing()
        year = office_day(tx.now).year
        notation = nfc(code.strip())[:MAX_CODE] or _next_code(tx.conn, standing.agency_id, year)
        if _taken(tx.conn, standing.agency_id, year, notation):
            raise Incomplete("code", "case-exists")
        return insert_tx(
            tx,
            case_file,
            agency_id=standing.agency_id,
            owner_id=unit_of(tx.conn, standing.person_id) or standing.person_id,
            year=year,
            code=notation,
            title=clean,
            words=fold(f"{notation} {clean}"),
            closed=False,
            created_by_id=standing.person_id,
            created_at=tx.now,
        )

    return store.db.write(work, actor)


def file_in_case(store: Store, actor: Actor, document_id: int, case_id: int) -> None:
    """Đưa vào hồ sơ. Twice is once. Raises DocumentMissing, NotYourTurn, Incomplete("case")."""

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        row = _get(conn, loaded.standing, case_id)
        if row.closed:
            raise Incomplete("case", "case-closed")
        return act_of(loaded, Action.FILE, f"{row.code} {row.title}")

    def extra(tx: Tx, loaded: Loaded, _steps: list[int]) -> None:
        here = case_file_document.c.case_file_id == case_id
        if tx.conn.execute(select(here).where(here, case_file_document.c.document_id == document_id)).first():
            return
        count = tx.conn.execute(select(func.count()).where(here)).scalar_one()
        values = {"case_file_id": case_id, "document_id": document_id, "ordinal": count + 1}
        filed = {"filed_by_id": tx.actor.principal_id, "filed_at": tx.now}
        tx.conn.execute(insert(case_file_document).values(**values, **filed))

    perform(store, actor, Wanted(document_id, None, make_act), extra)


def case(conn: Connection, actor: Actor, case_id: int) -> tuple[CaseView, list[DocumentSummary]]:
    """A case file with its documents in order. Raises DocumentMissing."""
    now = datetime.now(UTC)
    row = _get(conn, standing_of(conn, actor, now), case_id)
    query = (
        select(document)
        .join(case_file_document, case_file_document.c.document_id == document.c.id)
        .where(case_file_document.c.case_file_id == case_id)
        .order_by(case_file_document.c.ordinal)
    )
    return _views(conn, [row])[0], documents.summaries(conn, list(conn.execute(query)), now)


def may_open(conn: Connection, standing: Standing, case_id: int) -> bool:
    try:
        _get(conn, standing, case_id)
    except DocumentMissing:
        return False
    return True


def view(conn: Connection, case_id: int) -> CaseView:
    """A case file that exists, for who may see that something is in it."""
    return _views(conn, list(conn.execute(select(case_file).where(case_file.c.id == case_id))))[0]


def of_document(conn: Connection, document_id: int) -> list[CaseView]:
    """The case files a document is in."""
    query = select(case_file).join(case_file_document, case_file_document.c.case_file_id == case_file.c.id)
    here = case_file_document.c.document_id == document_id
    return _views(conn, list(conn.execute(query.where(here).order_by(case_file.c.id))))


def _get(conn: Connection, standing: Standing, case_id: int) -> Row[Any]:
    row = conn.execute(select(case_file).where(case_file.c.id == case_id)).first()
    if row is None or row.agency_id != standing.agency_id:
        raise DocumentMissing()
    if row.owner_id not in _owners(conn, standing) and "view_all_documents" not in standing.capabilities:
        raise DocumentMissing()
    return row


def _owners(conn: Connection, standing: Standing) -> set[int]:
    """Whose case files the actor works with: the own ones, those of the own unit and of units handled."""
    own = unit_of(conn, standing.person_id) if standing.person_id is not None else None
    return set(standing.acts_for) | ({own} if own is not None else set())


def _next_code(conn: Connection, agency_id: int, year: int) -> str:
    here = (case_file.c.agency_id == agency_id, case_file.c.year == year)
    number = conn.execute(select(func.count()).where(*here)).scalar_one() + 1
    while _taken(conn, agency_id, year, f"{number:02}.HS"):
        number += 1
    return f"{number:02}.HS"


def _taken(conn: Connection, agency_id: int, year: int, code: str) -> bool:
    here = (case_file.c.agency_id == agency_id, case_file.c.year == year, case_file.c.code == code)
    return conn.execute(select(case_file.c.id).where(*here)).first() is not None


def _views(conn: Connection, rows: list[Row[Any]]) -> list[CaseView]:
    today = office_day(datetime.now(UTC))
    owners = parties(conn, (row.owner_id for row in rows), today)
    query = (
        select(case_file_document.c.case_file_id, func.count())
        .where(case_file_document.c.case_file_id.in_([row.id for row in rows]))
        .group_by(case_file_document.c.case_file_id)
    )
    counts: dict[int, int] = {row[0]: row[1] for row in conn.execute(query)}
    return [
        CaseView(row.id, row.code, row.title, row.year, owners[row.owner_id], counts.get(row.id, 0), row.closed)
        for row in rows
    ]
