"""Who receives a document at a stage of the agency's route: role, post, today's holder."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from mailserver.directory.capabilities import holders_of
from mailserver.directory.principals import holder, posts
from routing.errors import Incomplete, NobodyInRole
from routing.incoming.journey import Place
from routing.profile import Incoming
from routing.types import State

ROLE_NAMES = {
    "director": "Giám đốc",
    "deputy_director": "Phó Giám đốc",
    "chief_of_office": "Chánh Văn phòng",
    "deputy_chief_of_office": "Phó Chánh Văn phòng",
}


def stage_receiver(
    conn: Connection, agency_id: int, rules: Incoming, index: int, today: date, to: int | None = None
) -> Place:
    """The place of stage `index`: the first of its roles that somebody holds, deputies last.

    to: one of `receivers`, chosen by the sender. Raises NobodyInRole, Incomplete("main").
    """
    possible = receivers(conn, agency_id, rules, index, today)
    if not possible:
        role = rules.route[index].role
        raise NobodyInRole(role=ROLE_NAMES.get(role, role))
    if to is not None and to not in possible:
        raise Incomplete("main", "main-not-allowed")
    return Place(State.AWAITING, possible[0] if to is None else to, stage=index)


def receivers(conn: Connection, agency_id: int, rules: Incoming, index: int, today: date) -> list[int]:
    """Posts that somebody holds today, then people who have the role without a post."""
    stage = rules.route[index]
    found: list[int] = []
    for role in (stage.role, *stage.deputies):
        held = [one.id for one in posts(conn, agency_id) if one.role == role and holder(conn, one.id, today)]
        found += held or holders_of(conn, agency_id, role, today)
    return list(dict.fromkeys(found))
