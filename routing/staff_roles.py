"""Who may do what, by role, as the agency's regulation has it, and how that came about
(132/QĐ-STTTT, Điều 3 khoản 4; 1201/QĐ-SYT, Điều 4 khoản 1; 04/2017/QĐ-UBND, Điều 10 khoản 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import capabilities, posts, principals
from mailserver.directory.records import Principal, office_day
from mailserver.store import raw
from mailserver.store.columns import from_milliseconds
from routing.profile import profile_of
from routing.staff import require_administrator

MOST_LOGGED = 100

_LOG = (
    "SELECT a.at, a.action, p.name, o.name, a.detail FROM audit a LEFT JOIN principal p ON p.id = a.actor_id"
    " JOIN principal o ON o.id = a.owner_id WHERE o.agency_id = ?"
    " AND a.action IN ('person.changed', 'principal.created', 'principal.locked', 'principal.unlocked',"
    " 'account.approved', 'post.appointed', 'post.ended', 'agency.setting') ORDER BY a.id DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a role, and where it counts: the unit's name, "" for the whole agency."""

    who: Principal
    unit: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """roles: role to its capabilities. capabilities: all there are, in the regulation's order."""

    roles: Mapping[str, frozenset[str]]
    capabilities: tuple[str, ...]
    holders: Mapping[str, tuple[Holder, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One act. actor: "" for the command line and the system."""

    at: datetime
    action: str
    actor: str
    owner: str
    detail: Mapping[str, object]


def matrix(conn: Connection, actor: Actor, now: datetime) -> Matrix:
    """Raises Forbidden."""
    agency_id = require_administrator(conn, actor, now)
    own = profile_of(conn, agency_id)
    every = tuple(dict.fromkeys(one for granted in own.roles.values() for one in granted))
    return Matrix(own.capabilities, every, _holders(conn, agency_id, now))


def log(conn: Connection, actor: Actor, now: datetime) -> list[Line]:
    """The newest acts on accounts and roles of the agency. Raises Forbidden."""
    agency_id = require_administrator(conn, actor, now)
    found = raw.rows(conn, _LOG, (agency_id, MOST_LOGGED))
    return [
        Line(from_milliseconds(at), action, by or "", owner, raw.from_json(detail))
        for at, action, by, owner, detail in found
    ]


def _holders(conn: Connection, agency_id: int, now: datetime) -> dict[str, tuple[Holder, ...]]:
    units = {one.id: one.principal.name for one in posts.units(conn, agency_id)}
    found: dict[str, list[Holder]] = {}
    for who in principals.people(conn, agency_id):
        for role, unit_id in sorted(capabilities.roles_of(conn, who.id, office_day(now)), key=str):
            scoped = role in capabilities.UNIT_ROLES
            found.setdefault(role, []).append(Holder(who, units.get(unit_id or 0, "") if scoped else ""))
    return {role: tuple(held) for role, held in found.items()}
