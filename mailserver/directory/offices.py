"""Rights that follow from an office, without a grant.

- The holder of a post manages the post's mailbox (04/2017/QĐ-UBND, Điều 7 khoản 2a).
- The head of a unit manages the unit's mailbox (123/QĐ-SCT, Điều 6 khoản 2).
- A registry clerk handles the agency's mailbox (1201/QĐ-SYT, Điều 5 khoản 1). Where the agency has an office
  (a unit led by a chief of office), the clerks of other units handle the mailbox of their unit
  instead: a subordinate centre's clerk has no business in the agency's own mail.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from mailserver.directory.capabilities import holders_of, roles_of
from mailserver.directory.posts import head_of, held_by, holder
from mailserver.directory.records import HEAD_ROLES, Kind, office_day
from mailserver.directory.rights import Right
from mailserver.directory.schema import person, person_role, post, principal

REGISTRY = "registry"
CHIEF_OF_OFFICE = "chief_of_office"


def implied_rights(conn: Connection, person_id: int, now: datetime) -> dict[int, frozenset[Right]]:
    """The mailboxes a person works in by office, each with the right that starts it all."""
    day = office_day(now)
    found = {post_id: frozenset((Right.MANAGE,)) for post_id in held_by(conn, person_id, day)}
    roles = roles_of(conn, person_id, day)
    for headed in {unit_id for role, unit_id in roles if role in HEAD_ROLES and unit_id is not None}:
        if head_of(conn, headed, day) == person_id:
            found[headed] = frozenset((Right.MANAGE,))
    for unit_id in {unit_id for role, unit_id in roles if role == REGISTRY}:
        mailbox = _registry_mailbox(conn, person_id, unit_id)
        found[mailbox] = found.get(mailbox, frozenset()) | {Right.HANDLE}
    return found


def _registry_mailbox(conn: Connection, person_id: int, unit_id: int | None) -> int:
    """The mailbox in which the clerk of this unit works: the agency's, or the unit's own."""
    agency_id = conn.execute(select(person.c.agency_id).where(person.c.principal_id == person_id)).scalar_one()
    if unit_id is not None:
        chief_units = _office_units(conn, agency_id)
        if chief_units and unit_id not in chief_units:
            return unit_id
    own = (principal.c.agency_id == agency_id, principal.c.kind == Kind.AGENCY.value)
    return int(conn.execute(select(principal.c.id).where(*own)).scalar_one())


def _office_units(conn: Connection, agency_id: int) -> set[int]:
    """The units that have a chief of office, whether the post is filled today or not."""
    by_post = (
        select(post.c.unit_id)
        .join(principal, principal.c.id == post.c.unit_id)
        .where(principal.c.agency_id == agency_id, post.c.role == CHIEF_OF_OFFICE)
    )
    by_role = (
        select(person_role.c.unit_id)
        .join(person, person.c.principal_id == person_role.c.person_id)
        .where(person.c.agency_id == agency_id, person_role.c.role == CHIEF_OF_OFFICE)
        .where(person_role.c.unit_id.is_not(None))
    )
    return {int(unit_id) for unit_id in conn.execute(by_post.union(by_role)).scalars()}


def officers_of(conn: Connection, owner_id: int, now: datetime) -> dict[int, frozenset[Right]]:
    """The people who work in a mailbox by office: what `implied_rights` says, seen from the mailbox."""
    day = office_day(now)
    agency_id = conn.execute(select(principal.c.agency_id).where(principal.c.id == owner_id)).scalar_one()
    people = {holder(conn, owner_id, day), head_of(conn, owner_id, day), *holders_of(conn, agency_id, REGISTRY, day)}
    found = {one: implied_rights(conn, one, now).get(owner_id) for one in people if one is not None}
    return {person_id: rights for person_id, rights in found.items() if rights}


def replaced_by(conn: Connection, person_id: int, owner_id: int, now: datetime) -> int | None:
    """In whose place a person acts in a mailbox: of the holder of the post, the head of the unit, the person whose
    it is. None: by an office of the person's own, or there is nobody to be replaced."""
    if owner_id == person_id or owner_id in implied_rights(conn, person_id, now):
        return None
    day = office_day(now)
    kind = conn.execute(select(principal.c.kind).where(principal.c.id == owner_id)).scalar_one()
    if kind == Kind.PERSON.value:
        return owner_id
    return holder(conn, owner_id, day) if kind == Kind.POST.value else head_of(conn, owner_id, day)
