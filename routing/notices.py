"""Văn bản thông báo: the documents that are notices, gathered in one place (1201/QĐ-SYT, Điều 5 khoản 6).

No folder holds them: what somebody may see is asked anew each time, so a notice is there as soon as it is registered
and somebody is concerned with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from mailserver.actor import Actor
from routing import documents
from routing.document_types import BY_ABBREVIATION
from routing.reach import visible
from routing.schema import document
from routing.standing import standing_of
from routing.types import Page

TYPE = BY_ABBREVIATION["TB"]


def listing(conn: Connection, actor: Actor, *, now: datetime, offset: int = 0, limit: int = 50) -> Page:
    """The notices that the actor may see, come in or issued, the latest first."""
    standing = standing_of(conn, actor, now)
    here = visible(standing), document.c.type_name == TYPE
    total = conn.execute(select(func.count()).select_from(document).where(*here)).scalar_one()
    query = select(document).where(*here).order_by(document.c.registered_at.desc(), document.c.id.desc())
    rows = list(conn.execute(query.offset(offset).limit(limit)))
    return Page(tuple(documents.summaries(conn, rows, now)), total)
