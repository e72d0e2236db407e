"""What the directory says of a person, changed: names, birth date, unit, staff code, roles.

People do not change it themselves (132/QĐ-STTTT, Điều 6 khoản 4): whoever may is asked for a door higher up.
Addresses stay: see `aliases.readdress_tx`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from mailserver.directory import rows
from mailserver.directory.capabilities import IT_ADMIN
from mailserver.directory.errors import NoSuchPrincipal, StaffCodeTaken
from mailserver.directory.records import Kind
from mailserver.directory.schema import person, person_role, principal, unit
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.text import nfc


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of a person. roles: besides those of posts, sorted."""

    family: str
    middle: str
    given: str
    staff_code: str | None
    birth_date: date | None
    unit_id: int | None
    roles: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return " ".join(f"{self.family} {self.middle} {self.given}".split())


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is another now: `family`, `middle`, `given`, `staff_code`, `birth_date`, `unit`, `roles`.
    old, new: as text; of a unit its code, of roles their codes with commas between."""

    field: str
    old: str
    new: str


def facts_of(conn: Connection, person_id: int) -> Facts:
    """Raises NoSuchPrincipal."""
    table = person.c
    columns = (table.family_name, table.middle_name, table.given_name, table.staff_code, table.birth_date)
    row = conn.execute(select(*columns, table.unit_id).where(table.principal_id == person_id)).first()
    if row is None:
        raise NoSuchPrincipal(person_id)
    roles = conn.execute(select(person_role.c.role).where(person_role.c.person_id == person_id))
    return Facts(*row, tuple(sorted(roles.scalars())))


def change_person_tx(tx: Tx, person_id: int, new: Facts) -> tuple[Change, ...]:
    """Make the directory say `new` of a person; what has changed, () if nothing.

    Roles count in the new unit. The audit keeps what was before. Raises NoSuchPrincipal (the person, or the
    unit is none of the agency), StaffCodeTaken.
    """
    old = facts_of(tx.conn, person_id)
    changes = differences(tx.conn, old, new)
    if not changes:
        return ()
    bump_tx(tx)
    who = rows.require(tx.conn, person_id, Kind.PERSON)
    _check(tx.conn, who.agency_id, person_id, new)
    names = {"family_name": nfc(new.family), "middle_name": nfc(new.middle), "given_name": nfc(new.given)}
    kept = {"staff_code": new.staff_code or None, "birth_date": new.birth_date, "unit_id": new.unit_id}
    tx.conn.execute(update(person).where(person.c.principal_id == person_id).values(**names, **kept))
    tx.conn.execute(update(principal).where(principal.c.id == person_id).values(name=nfc(new.full_name)))
    _set_roles(tx, person_id, new)
    told = [{"field": one.field, "old": one.old, "new": one.new} for one in changes]
    tx.emit("person.changed", owner_id=person_id)
    audit.record_tx(tx, "person.changed", owner_id=person_id, changes=told)
    return changes


def differences(conn: Connection, old: Facts, new: Facts) -> tuple[Change, ...]:
    """The fields that differ, in their order."""
    codes = _codes(conn, {old.unit_id, new.unit_id})
    was, becomes = _told(old, codes), _told(new, codes)
    return tuple(Change(name, was[name], becomes[name]) for name in was if was[name] != becomes[name])


def kept_roles(old: Collection[str], new: Collection[str]) -> tuple[str, ...]:
    """The roles that a list gives: a list takes nobody the rights of an administrator, a person does."""
    return tuple(sorted({*new, *(role for role in old if role == IT_ADMIN)}))


def _told(facts: Facts, codes: Mapping[int | None, str]) -> dict[str, str]:
    born = "" if facts.birth_date is None else facts.birth_date.strftime("%d/%m/%Y")
    names = {"family": nfc(facts.family), "middle": nfc(facts.middle), "given": nfc(facts.given)}
    place = {"staff_code": facts.staff_code or "", "birth_date": born, "unit": codes.get(facts.unit_id, "")}
    return {**names, **place, "roles": ", ".join(sorted(facts.roles))}


def _codes(conn: Connection, unit_ids: Collection[int | None]) -> dict[int | None, str]:
    wanted = [one for one in unit_ids if one is not None]
    found = conn.execute(select(unit.c.principal_id, unit.c.code).where(unit.c.principal_id.in_(wanted)))
    return {row.principal_id: row.code for row in found}


def _check(conn: Connection, agency_id: int, person_id: int, new: Facts) -> None:
    if new.unit_id is not None and rows.require(conn, new.unit_id, Kind.UNIT).agency_id != agency_id:
        raise NoSuchPrincipal(new.unit_id)
    if new.staff_code:
        taken = (person.c.agency_id == agency_id, person.c.staff_code == new.staff_code)
        owner = conn.execute(select(person.c.principal_id).where(*taken)).scalar()
        if owner not in (None, person_id):
            raise StaffCodeTaken(new.staff_code)


def _set_roles(tx: Tx, person_id: int, new: Facts) -> None:
    tx.conn.execute(delete(person_role).where(person_role.c.person_id == person_id))
    given: list[dict[str, Any]] = [
        {"person_id": person_id, "role": role, "unit_id": new.unit_id} for role in sorted(new.roles)
    ]
    if given:
        tx.conn.execute(insert(person_role), given)
