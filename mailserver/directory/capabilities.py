"""What a person may do because of their roles.

Roles come with posts and from `person_role`; which capabilities a role has is the agency's
regulation, handed in as data: this room knows no regulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlalchemy import Connection, select, union

from mailserver.directory.posts import in_office
from mailserver.directory.records import Kind, Status, office_day
from mailserver.directory.schema import person_role, post, principal, tenure, unit
from mailserver.store import raw

# Role code -> the capabilities it gives.
Capabilities = Mapping[str, frozenset[str]]

# These roles count in their unit and the units below it; all others in the whole agency.
UNIT_ROLES = frozenset(("unit_head", "deputy_unit_head", "specialist"))

IT_ADMIN = "it_admin"


_ROLES = """
    SELECT post.role, post.unit_id FROM tenure JOIN post ON post.principal_id = tenure.post_id
    WHERE tenure.person_id = ? AND tenure.starts_on <= ? AND (tenure.ends_on IS NULL OR tenure.ends_on >= ?)
    UNION SELECT role, unit_id FROM person_role WHERE person_id = ?"""


def today() -> date:
    """The day it is in the office now."""
    return office_day(datetime.now(UTC))


def roles_of(conn: Connection, person_id: int, on: date) -> set[tuple[str, int | None]]:
    """The roles a person has on that day, each with the unit in which they have it (None: none)."""
    day = on.isoformat()
    return {(role, unit_id) for role, unit_id in raw.rows(conn, _ROLES, (person_id, day, day, person_id))}


def may(
    conn: Connection,
    capabilities: Capabilities,
    person_id: int,
    capability: str,
    unit_id: int | None = None,
    on: date | None = None,
) -> bool:
    """Whether a person has a capability: for the agency, or where unit_id is given for that unit.

    capabilities: the regulation of the person's agency. A unit_id of another agency is the
    caller's to refuse.
    """
    for role, own_unit in roles_of(conn, person_id, on or today()):
        if capability not in capabilities.get(role, frozenset()):
            continue
        if unit_id is None or role not in UNIT_ROLES or own_unit is None:
            return True
        if own_unit == unit_id or own_unit in units_above(conn, unit_id):
            return True
    return False


def units_above(conn: Connection, unit_id: int) -> list[int]:
    """The units that a unit is part of, the nearest first."""
    above: list[int] = []
    parent = _parent(conn, unit_id)
    while parent is not None and parent not in above:
        above.append(parent)
        parent = _parent(conn, parent)
    return above


def _parent(conn: Connection, unit_id: int) -> int | None:
    return conn.execute(select(unit.c.parent_id).where(unit.c.principal_id == unit_id)).scalar()


def holders_of(conn: Connection, agency_id: int, role: str, on: date | None = None) -> list[int]:
    """The people of an agency who have a role on that day (today), by id."""
    by_post = (
        select(tenure.c.person_id)
        .join(post, post.c.principal_id == tenure.c.post_id)
        .where(post.c.role == role, in_office(on or today()))
    )
    own = select(person_role.c.person_id).where(person_role.c.role == role)
    people = select(principal.c.id).where(
        principal.c.agency_id == agency_id,
        principal.c.status != Status.LEFT.value,
        principal.c.id.in_(union(by_post, own)),
    )
    return list(conn.execute(people.order_by(principal.c.id)).scalars())


def keepers_of_the_system(conn: Connection, agency_id: int) -> tuple[int, ...]:
    """Who gets what is for the postmaster: the IT admins, or the agency's mailbox if there are none."""
    admins = holders_of(conn, agency_id, IT_ADMIN)
    if admins:
        return tuple(admins)
    own = (principal.c.agency_id == agency_id, principal.c.kind == Kind.AGENCY.value)
    return tuple(conn.execute(select(principal.c.id).where(*own)).scalars())
