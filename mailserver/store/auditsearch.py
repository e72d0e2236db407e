"""Looking for records of the audit: by who, about whom, what, when, and by a word of the detail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.store import audit, auditrecords, raw
from mailserver.store.auditrecords import Record
from mailserver.store.columns import milliseconds

PAGE = 100


@dataclass(frozen=True, slots=True)
class Query:
    """Each None or "": any. kind: what the action begins with, "grant". since, until: aware, up to just before.

    word: anywhere in the detail as it is kept, capitals or not. agency_id: the actor or the owner belongs to it.
    secret: what actions begin with that are left out; not_of: only where they are about these, None: all of them.
    before: only records with a smaller number.
    """

    agency_id: int
    actor_id: int | None = None
    owner_id: int | None = None
    kind: str = ""
    word: str = ""
    since: datetime | None = None
    until: datetime | None = None
    secret: str = ""
    not_of: frozenset[int] | None = None
    before: int | None = None


def find(conn: Connection, query: Query, most: int = PAGE) -> list[Record]:
    """The newest first."""
    own = "(SELECT id FROM principal WHERE agency_id = ?)"
    conditions: list[str] = [f"(actor_id IN {own} OR owner_id IN {own})"]
    values: list[Any] = [query.agency_id, query.agency_id]

    def add(condition: str, *given: Any) -> None:
        conditions.append(condition)
        values.extend(given)

    if query.actor_id is not None:
        add("(actor_id = ? OR on_behalf_of_id = ?)", query.actor_id, query.actor_id)
    if query.owner_id is not None:
        add("owner_id = ?", query.owner_id)
    if query.kind:
        add("action LIKE ? ESCAPE '!'", f"{raw.literally(query.kind)}.%")
    if query.secret:
        shown, begins = "action NOT LIKE ? ESCAPE '!'", f"{raw.literally(query.secret)}.%"
        if query.not_of is None:
            add(shown, begins)
        elif query.not_of:
            about, numbers = raw.among(conn, "owner_id", query.not_of)
            add(f"({shown} OR owner_id IS NULL OR NOT ({about}))", begins, numbers)
    if query.word:
        like = "LIKE" if raw.is_sqlite(conn) else "ILIKE"
        add(f"CAST(detail AS TEXT) {like} ? ESCAPE '!'", f"%{raw.literally(query.word)}%")
    if query.since is not None:
        add("at >= ?", milliseconds(query.since))
    if query.until is not None:
        add("at < ?", milliseconds(query.until))
    if query.before is not None:
        add("id < ?", query.before)
    sql = f"{audit.COLUMNS}WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?"
    return [auditrecords.of(row) for row in raw.rows(conn, sql, (*values, most))]
