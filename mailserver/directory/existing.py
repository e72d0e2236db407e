"""Whom and which unit a row of a list of staff means, among those who are there."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from mailserver.directory import agencies, namesakes, people, posts, principals
from mailserver.directory.changing import Facts, facts_of, kept_roles
from mailserver.directory.people_files import PersonRow
from mailserver.directory.posts import Unit
from mailserver.directory.records import Kind
from mailserver.text import fold, nfc


def unit_called(conn: Connection, agency_id: int, wanted: str) -> Unit | None:
    """A unit by its code, name or address, whatever the case and the diacritics."""
    folded = fold(wanted)
    for unit in posts.units(conn, agency_id) if folded else ():
        who = unit.principal
        if folded in (fold(unit.code), fold(who.name), who.local_part, who.address):
            return unit
    return None


def person_of(conn: Connection, agency_id: int, row: PersonRow, unit_id: int | None) -> int | None:
    """The person this row is about, if there is one.

    A staff code decides alone. Where nobody has it yet, somebody without one is meant who is called so and has
    the address, or was born then and works there: one person, one account.
    """
    if row.staff_code:
        known = people.person_by_staff_code(conn, agency_id, row.staff_code)
        if known is not None:
            return known
    if row.address:
        known = _person_at(conn, agency_id, row.address)
        return known if known is not None and _may_be(conn, known, row) else None
    for other in namesakes.same_names(conn, agency_id, row.full_name):
        same = (other.unit_id, other.birth_date) == (unit_id, row.birth_date)
        if same and _may_be(conn, other.person_id, row):
            return other.person_id
    return None


def as_listed(old: Facts, row: PersonRow, unit_id: int | None) -> Facts:
    """What is kept of a person, with what the list says; its empty cells change nothing."""
    new = replace(
        old,
        staff_code=row.staff_code or old.staff_code,
        birth_date=row.birth_date or old.birth_date,
        unit_id=unit_id if unit_id is not None else old.unit_id,
        roles=kept_roles(old.roles, row.roles) if row.roles else old.roles,
    )
    if nfc(old.full_name) == nfc(row.full_name):
        return new  # a list with one column for the name knows less of where the family name ends
    return replace(new, family=row.family, middle=row.middle, given=row.given)


def _may_be(conn: Connection, person_id: int, row: PersonRow) -> bool:
    """Whether somebody has the row's name, and no staff code besides that of the row."""
    known = facts_of(conn, person_id)
    return nfc(known.full_name) == nfc(row.full_name) and not (row.staff_code and known.staff_code)


def _person_at(conn: Connection, agency_id: int, written: str) -> int | None:
    """The person of this agency whose address the list names, in full or without the domain."""
    full = written if "@" in written else f"{written}@{agencies.primary_domain(conn, agency_id)}"
    found = principals.by_address(conn, full)
    return found.id if found is not None and found.kind is Kind.PERSON and found.agency_id == agency_id else None
