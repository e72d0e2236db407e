"""Finding a document by its number, by số đến, or by words without diacritics."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from mailserver.actor import Actor
from mailserver.text import fold
from routing import documents
from routing.reach import visible
from routing.schema import document
from routing.standing import standing_of
from routing.types import DocumentSummary

MAX_WORDS = 12


def search(conn: Connection, actor: Actor, words: str, *, now: datetime, limit: int = 50) -> list[DocumentSummary]:
    """Documents the actor may see, the latest first.

    words: "12" or "12/2026" finds số đến; "1482/UBND" the start of a số/ký hiệu, spaces, case and
    diacritics aside; anything else all words anywhere in trích yếu, issuer, type, signer.
    """
    standing = standing_of(conn, actor, now)
    wanted = _wanted(words)
    if wanted is None or standing.agency_id is None:
        return []
    query = select(document).where(visible(standing), wanted)
    return documents.summaries(conn, list(conn.execute(query.order_by(document.c.id.desc()).limit(limit))), now)


def _wanted(words: str) -> ColumnElement[bool] | None:
    terms = fold(words).split()[:MAX_WORDS]
    if not terms:
        return None
    everywhere = and_(*(document.c.words.contains(term, autoescape=True) for term in terms))
    code = documents.folded_code(words)
    if "/" in code:
        by_code = document.c.code_folded.startswith(code, autoescape=True)
        return or_(by_code, _arrival(code), everywhere)
    if code.isascii() and code.isdigit():
        return or_(document.c.register_number == _number(code), document.c.code_folded.startswith(f"{code}/"))
    return everywhere


def _arrival(code: str) -> ColumnElement[bool]:
    """Số đến with its year, "12/2026"."""
    match = re.fullmatch(r"(\d{1,9})/(\d{4})", code)
    number, year = (int(match[1]), int(match[2])) if match else (-1, -1)
    return and_(document.c.register_number == number, document.c.register_year == year)


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 10 else -1
