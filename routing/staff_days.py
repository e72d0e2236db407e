"""Who was there when, for administrators and for who reads the agency's figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import activity, posts, principals
from mailserver.directory.activity import Day
from mailserver.directory.records import Principal
from mailserver.store.errors import Forbidden
from routing.staff import CAPABILITY
from routing.standing import standing_of


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person on one day. day: None if they were not there. unit: its name, "" for none."""

    who: Principal
    unit: str
    day: Day | None


def attendance(conn: Connection, actor: Actor, now: datetime, day: date) -> list[Attendance]:
    """Everybody of the actor's agency, by unit. Raises Forbidden."""
    standing = standing_of(conn, actor, now)
    if standing.agency_id is None or not {CAPABILITY, "statistics"} & standing.capabilities:
        raise Forbidden("a")
    names = {one.id: one.principal.name for one in posts.units(conn, standing.agency_id)}
    seen = activity.on(conn, day)
    people = principals.people(conn, standing.agency_id)
    return [Attendance(one, names.get(principals.unit_of(conn, one.id) or 0, ""), seen.get(one.id)) for one in people]
