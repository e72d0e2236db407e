"""A delegation as a value and a row, and who may be given one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from mailserver.directory import capabilities, grants, principals
from mailserver.directory.alphabet import by_given_name
from mailserver.directory.offices import CHIEF_OF_OFFICE
from mailserver.directory.principals import Kind, Principal, Status
from mailserver.directory.rights import Rights, parsed
from mailserver.directory.schema import person, post, principal
from mailserver.store import access, folders
from mailserver.store.folder_names import SEPARATOR
from mailserver.store.folders import Folder
from routing.errors import DocumentMissing
from routing.schema import delegation

# Posts whose holder leads the whole agency: their delegate may be anybody in it.
LEADERS = frozenset(("director", "deputy_director", CHIEF_OF_OFFICE))


@unique
class Standing(StrEnum):
    """Equal to its word in the database."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the head wants to give. starts_at, ends_at: aware, in force until just before ends_at; None: no end.
    closed: ids of folders that are left out (UX 5.6, "Trừ"), with all below them."""

    owner_id: int
    grantee_id: int
    rights: Rights
    starts_at: datetime
    ends_at: datetime | None
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Mandate:
    """A delegation. grant_id: what gives the rights, None before it is granted."""

    id: int
    wish: Wish
    asked_by_id: int
    state: Standing
    grant_id: int | None


def get(conn: Connection, mandate_id: int) -> Mandate:
    """Raises DocumentMissing."""
    found = _of(conn, delegation.c.id == mandate_id)
    if not found:
        raise DocumentMissing()
    return found[0]


def given_on(conn: Connection, owner_ids: Collection[int], now: datetime) -> list[Mandate]:
    """What is in force, to come, or waits for leave on these mailboxes."""
    return _of(conn, *_standing(now), delegation.c.owner_id.in_(owner_ids))


def given_to(conn: Connection, person_id: int, now: datetime) -> list[Mandate]:
    return _of(conn, *_standing(now), delegation.c.grantee_id == person_id)


def between(conn: Connection, owner_id: int, grantee_id: int, now: datetime) -> list[Mandate]:
    """What one person has, is to have, or waits for on one mailbox."""
    return [one for one in given_on(conn, (owner_id,), now) if one.wish.grantee_id == grantee_id]


def waiting(conn: Connection, agency_id: int, now: datetime) -> list[Mandate]:
    """What leaders of an agency have to decide."""
    own = select(principal.c.id).where(principal.c.agency_id == agency_id)
    pending = delegation.c.state == Standing.PENDING.value
    return _of(conn, *_standing(now), pending, delegation.c.owner_id.in_(own))


def _standing(now: datetime) -> tuple[ColumnElement[bool], ...]:
    open_ones = delegation.c.state.in_((Standing.PENDING.value, Standing.GRANTED.value))
    return open_ones, or_(delegation.c.ends_at.is_(None), delegation.c.ends_at > now)


def _of(conn: Connection, *conditions: ColumnElement[bool]) -> list[Mandate]:
    query = select(delegation).where(*conditions).order_by(delegation.c.id)
    return [_mandate(row) for row in conn.execute(query)]


def _mandate(row: Row[Any]) -> Mandate:
    closed = grants.numbers(row.closed_folders)
    wish = Wish(row.owner_id, row.grantee_id, parsed(row.rights.split()), row.starts_at, row.ends_at, closed)
    return Mandate(row.id, wish, row.asked_by_id, Standing(row.state), row.grant_id)


def led_by(conn: Connection, person_id: int, now: datetime) -> list[Principal]:
    """The units and posts whose mailboxes a person may share, by name."""
    found = principals.get_many(conn, set(grants.reach_of(conn, person_id, now).led))
    return sorted((one for one in found.values() if one.kind in (Kind.UNIT, Kind.POST)), key=lambda one: one.name)


def candidates(conn: Connection, owner: Principal, but: int | None) -> list[Principal]:
    """Whom the mailbox may be given to: the people of the unit, and of those below it; of the agency for a leader's
    post (132/QĐ-STTTT, Điều 13 khoản 3). but: who gives."""
    unit_id = _unit_of(conn, owner)
    people = principals.people(conn, owner.agency_id)
    units = {row[0]: row[1] for row in conn.execute(select(person.c.principal_id, person.c.unit_id))}
    above = {one: {one, *capabilities.units_above(conn, one)} for one in set(units.values()) if one is not None}
    found = [
        one
        for one in people
        if one.status is Status.ACTIVE
        and one.id != but
        and (unit_id is None or unit_id in above.get(units.get(one.id) or 0, ()))
    ]
    return sorted(found, key=lambda one: by_given_name(one.name))


def closable(conn: Connection, owner_id: int) -> list[Folder]:
    """The folders of a mailbox that a delegation may leave out, by name; none with a folder of work below it."""
    found = folders.list_of(conn, owner_id)
    needed = [one.name for one in found if not access.may_be_closed(one)]
    own = (one for one in found if access.may_be_closed(one))
    return [one for one in own if not any(name.startswith(one.name + SEPARATOR) for name in needed)]


def names_of(conn: Connection, found: Collection[Mandate]) -> dict[int, str]:
    """What the folders that these leave out are called now; those that are gone are left out."""
    ids = {one for made in found for one in made.wish.closed}
    return {one.id: one.name for one in folders.of_ids(conn, ids)}


def _unit_of(conn: Connection, owner: Principal) -> int | None:
    """The unit whose people may act in this mailbox; None: all of the agency."""
    if owner.kind is Kind.UNIT:
        return owner.id
    row = conn.execute(select(post.c.unit_id, post.c.role).where(post.c.principal_id == owner.id)).one()
    return None if row.role in LEADERS else int(row.unit_id)
