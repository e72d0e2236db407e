"""Who has a capability by the regulation of an agency."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from mailserver.directory import capabilities, principals
from mailserver.directory.principals import Principal, Status
from routing.profile import profile_of


def holders(conn: Connection, agency_id: int, capability: str) -> list[Principal]:
    """Those who are there today, by id."""
    return sorted(by_rank(conn, agency_id, capability), key=lambda one: one.id)


def by_rank(conn: Connection, agency_id: int, capability: str, on: date | None = None) -> list[Principal]:
    """Those who are there on that day (today): by role in the order of the profile, then by id."""
    roles = [role for role, granted in profile_of(conn, agency_id).capabilities.items() if capability in granted]
    ids = dict.fromkeys(one for role in roles for one in capabilities.holders_of(conn, agency_id, role, on))
    found = principals.get_many(conn, set(ids))
    return [found[one] for one in ids if found[one].status is Status.ACTIVE]
