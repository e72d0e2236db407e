"""The audit of the agency: a form to look with, and what it finds. 404 for who may not; each look is a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory.records import Principal, day_begins
from mailserver.store.auditsearch import Query
from routing import auditing
from routing.inspection import people
from webmail.auditlog import words
from webmail.auth.current import actor, current_user
from webmail.identifiers import identifier
from webmail.services import services

bp = Blueprint("auditlog", __name__, url_prefix="/nhat-ky")

MOST_WORD = 100
ASKED = ("ai", "cua", "loai", "tu", "den", "co")
# Characters of a detail in the table.
MOST_DETAIL = 400


@bp.get("/")
def index() -> ResponseReturnValue:
    """ai, cua: numbers of people and mailboxes; loai: kind; tu, den: days; co: a word; truoc: a record's number."""
    query, who = _query(), actor()
    found = services().store.db.write(lambda tx: auditing.look_tx(tx, query), who)
    agency_id = current_user().agency_id

    def read(conn: Connection) -> list[Principal]:
        return people.mailboxes(conn, agency_id)

    asked: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
    older = url_for("auditlog.index", **asked, truoc=found.records[-1].id) if found.more else ""
    boxes = services().store.db.read(read)
    return render_template(
        "auditlog/index.html", found=found, boxes=boxes, kinds=words.kinds(), words=words, older=older, short=_short
    )


def _query() -> Query:
    """From the address. Raises 422 for nonsense."""
    args = request.args
    try:
        actor_id, owner_id, before = (identifier(args.get(name) or 0) or None for name in ("ai", "cua", "truoc"))
        first, last = (_day(args.get(name, "")) for name in ("tu", "den"))
        until = None if last is None else last + timedelta(days=1)
        since_at, until_at = (None if day is None else day_begins(day) for day in (first, until))
    except (ValueError, OverflowError):
        raise UnprocessableEntity from None
    kind = args.get("loai", "")
    return Query(
        agency_id=current_user().agency_id,
        actor_id=actor_id,
        owner_id=owner_id,
        kind=kind if kind in words.kinds() else "",
        word=args.get("co", "").strip()[:MOST_WORD],
        since=since_at,
        until=until_at,
        before=before,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text.strip()) if text.strip() else None


def _short(detail: Mapping[str, object]) -> str:
    """The detail on a line, without what has a column of its own."""
    names = words.names()
    rest = {name: value for name, value in detail.items() if name not in ("door", "remote")}
    said = ", ".join(f"{names.get(name, name)}: {words.value(value)}" for name, value in rest.items())
    return said if len(said) <= MOST_DETAIL else said[:MOST_DETAIL] + "…"
