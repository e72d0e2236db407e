"""Units and posts, and who holds a post when.

A post (*Giám đốc*) has an address and a mailbox of its own; by tenure they pass from holder to
successor (04/2017/QĐ-UBND, Điều 7 khoản 2a, Điều 11 khoản 1), and what was in the mailbox stays there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, case, insert, or_, select, update

from mailserver.directory import reached, rows
from mailserver.directory.creating import NewPrincipal, create_principal_tx
from mailserver.directory.errors import NoSuchPrincipal, TenureOverlap
from mailserver.directory.people import unit_of
from mailserver.directory.records import HEAD_ROLES, Kind, Principal
from mailserver.directory.schema import person_role, post, principal, tenure, unit
from mailserver.directory.version import bump_tx
from mailserver.store import audit, raw
from mailserver.store.database import Tx

_HELD = "SELECT post_id FROM tenure WHERE person_id = ? AND starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of an agency; `code` as in document numbers, "QLXD"."""

    principal: Principal
    code: str
    parent_id: int | None
    position: int

    @property
    def id(self) -> int:
        return self.principal.id


@dataclass(frozen=True, slots=True)
class Post:
    """A post in a unit; `role`: what the agency's profile turns into capabilities."""

    principal: Principal
    unit_id: int
    role: str

    @property
    def id(self) -> int:
        return self.principal.id


def create_unit_tx(
    tx: Tx, agency_id: int, code: str, name: str, local_part: str, parent_id: int | None = None, position: int = 0
) -> int:
    """Make a unit with its mailbox; returns its id. Raises AddressTaken, NoSuchPrincipal (the parent)."""
    bump_tx(tx)
    if parent_id is not None:
        rows.require(tx.conn, parent_id, Kind.UNIT)
    unit_id = create_principal_tx(tx, NewPrincipal(agency_id, Kind.UNIT, name, local_part))
    values = {"principal_id": unit_id, "parent_id": parent_id, "code": code, "position": position}
    tx.conn.execute(insert(unit).values(**values))
    return unit_id


def create_post_tx(tx: Tx, agency_id: int, unit_id: int, name: str, role: str, local_part: str) -> int:
    """Make a post with its mailbox; returns its id. Raises AddressTaken, NoSuchPrincipal (the unit)."""
    bump_tx(tx)
    rows.require(tx.conn, unit_id, Kind.UNIT)
    post_id = create_principal_tx(tx, NewPrincipal(agency_id, Kind.POST, name, local_part))
    tx.conn.execute(insert(post).values(principal_id=post_id, unit_id=unit_id, role=role))
    return post_id


def appoint_tx(tx: Tx, post_id: int, person_id: int, starts_on: date, ends_on: date | None = None) -> int:
    """Appoint a person to a post from starts_on to ends_on, both included; returns the tenure's id.

    An open-ended predecessor who began earlier ends the day before. Emits "grant.changed": the
    post's mailbox changes hands. Raises TenureOverlap (somebody else holds it in that time).
    """
    bump_tx(tx)
    rows.require(tx.conn, post_id, Kind.POST)
    rows.require(tx.conn, person_id, Kind.PERSON)
    if ends_on is not None and ends_on < starts_on:
        raise TenureOverlap(post_id)
    _end_predecessor(tx, post_id, starts_on)
    _refuse_overlap(tx.conn, post_id, starts_on, ends_on)
    values = {"post_id": post_id, "person_id": person_id, "starts_on": starts_on, "ends_on": ends_on}
    tenure_id = rows.add(tx.conn, tenure, **values)
    _tell_tx(tx, "post.appointed", post_id, person_id, str(starts_on))
    return tenure_id


def end_tenure_tx(tx: Tx, tenure_id: int, ends_on: date) -> None:
    """Let a tenure end with the day `ends_on`. Raises NoSuchPrincipal."""
    bump_tx(tx)
    row = tx.conn.execute(select(tenure).where(tenure.c.id == tenure_id)).first()
    if row is None:
        raise NoSuchPrincipal(tenure_id)
    tx.conn.execute(update(tenure).where(tenure.c.id == tenure_id).values(ends_on=ends_on))
    _tell_tx(tx, "post.ended", row.post_id, row.person_id, str(ends_on))


def _end_predecessor(tx: Tx, post_id: int, starts_on: date) -> None:
    open_ended = (tenure.c.post_id == post_id, tenure.c.ends_on.is_(None), tenure.c.starts_on < starts_on)
    tx.conn.execute(update(tenure).where(*open_ended).values(ends_on=starts_on - timedelta(days=1)))


def _refuse_overlap(conn: Connection, post_id: int, starts_on: date, ends_on: date | None) -> None:
    overlapping = [tenure.c.post_id == post_id, or_(tenure.c.ends_on.is_(None), tenure.c.ends_on >= starts_on)]
    if ends_on is not None:
        overlapping.append(tenure.c.starts_on <= ends_on)
    if conn.execute(select(tenure.c.id).where(*overlapping)).first() is not None:
        raise TenureOverlap(post_id)


def _tell_tx(tx: Tx, act: str, post_id: int, person_id: int, day: str) -> None:
    tx.emit("grant.changed", owner_id=post_id, grantee_id=person_id)
    led = tx.conn.execute(select(post.c.unit_id).where(post.c.principal_id == post_id, post.c.role.in_(HEAD_ROLES)))
    for unit_id in led.scalars():
        tx.emit("grant.changed", owner_id=unit_id, grantee_id=person_id)
    reached.tell_tx(tx, post_id)
    audit.record_tx(tx, act, owner_id=post_id, person_id=person_id, day=day)


def in_office(on: date) -> ColumnElement[bool]:
    """The condition on `tenure` that a person holds the post on that day."""
    return (tenure.c.starts_on <= on) & or_(tenure.c.ends_on.is_(None), tenure.c.ends_on >= on)


def holder(conn: Connection, post_id: int, on: date) -> int | None:
    """The person who holds the post on that day."""
    return conn.execute(select(tenure.c.person_id).where(tenure.c.post_id == post_id, in_office(on))).scalar()


def held_by(conn: Connection, person_id: int, on: date) -> list[int]:
    """The ids of the posts a person holds on that day; cheap."""
    return [post_id for (post_id,) in raw.rows(conn, _HELD, (person_id, on.isoformat(), on.isoformat()))]


def head_of(conn: Connection, unit_id: int, on: date) -> int | None:
    """The head of a unit: who holds a post of HEAD_ROLES in it, or has such a role there."""
    by_post = (
        select(tenure.c.person_id)
        .join(post, post.c.principal_id == tenure.c.post_id)
        .where(post.c.unit_id == unit_id, post.c.role.in_(HEAD_ROLES), in_office(on))
        .order_by(_rank(post.c.role), post.c.principal_id)
    )
    found = conn.execute(by_post).scalar()
    if found is not None:
        return int(found)
    by_role = (
        select(person_role.c.person_id)
        .where(person_role.c.unit_id == unit_id, person_role.c.role.in_(HEAD_ROLES))
        .order_by(_rank(person_role.c.role), person_role.c.person_id)
    )
    return conn.execute(by_role).scalar()


def head_over(conn: Connection, person_id: int, on: date) -> int | None:
    """The head of the unit that a person is in, who may be the person; None for nobody."""
    unit_id = unit_of(conn, person_id)
    return None if unit_id is None else head_of(conn, unit_id, on)


def _rank(role: ColumnElement[str]) -> ColumnElement[int]:
    return case({name: place for place, name in enumerate(HEAD_ROLES)}, value=role)


def posts_of(conn: Connection, person_id: int, on: date) -> list[Post]:
    """The posts a person holds on that day."""
    query = _posts().join(tenure, tenure.c.post_id == principal.c.id)
    found = conn.execute(query.where(tenure.c.person_id == person_id, in_office(on)).order_by(principal.c.id))
    return [_to_post(row) for row in found]


def posts(conn: Connection, agency_id: int) -> list[Post]:
    """All posts of an agency."""
    found = conn.execute(_posts().where(principal.c.agency_id == agency_id).order_by(principal.c.id))
    return [_to_post(row) for row in found]


def units(conn: Connection, agency_id: int) -> list[Unit]:
    """The units of an agency in the order of their positions."""
    query = rows.principals().add_columns(unit.c.code, unit.c.parent_id, unit.c.position)
    query = query.join(unit, unit.c.principal_id == principal.c.id).where(principal.c.agency_id == agency_id)
    found = conn.execute(query.order_by(unit.c.position, unit.c.principal_id))
    return [Unit(rows.to_principal(row), row.code, row.parent_id, row.position) for row in found]


def _posts() -> rows.Principals:
    query = rows.principals().add_columns(post.c.unit_id, post.c.role)
    return query.join(post, post.c.principal_id == principal.c.id)


def _to_post(row: rows.PrincipalRow) -> Post:
    return Post(rows.to_principal(row), row.unit_id, row.role)
