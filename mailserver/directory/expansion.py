"""Groups within groups, down to the mailboxes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, select

from mailserver.directory.records import Kind, Status
from mailserver.directory.schema import membership, person, principal, unit

# `mailing_lists.Reach`, in the words of the table.
_PEOPLE, _BELOW = "people", "below"


@dataclass(slots=True)
class Behind:
    """What is behind one group. mailboxes: each once, whatever way leads to it; groups: itself and those inside it."""

    mailboxes: tuple[int, ...]
    groups: tuple[int, ...]


@dataclass(slots=True)
class _Level:
    """The direct members of one group that take mail: (principal, whether it is a group)."""

    members: list[tuple[int, bool]] = field(default_factory=list)


def behind(conn: Connection, group_ids: Sequence[int]) -> dict[int, Behind]:
    """What is behind each group; one query a level of groups within groups, and two where units stand for people."""
    below: dict[int, _Level] = {}
    level = set(group_ids)
    units: dict[int, list[tuple[int, str]]] = {}
    while level:
        query = (
            select(membership.c.group_id, principal.c.id, principal.c.kind, membership.c.reach)
            .join(principal, principal.c.id == membership.c.member_id)
            .where(membership.c.group_id.in_(level), _takes_mail())
            .order_by(principal.c.id)
        )
        below |= {group_id: _Level() for group_id in level}
        inside = set()
        for group_id, member_id, kind, reach in conn.execute(query):
            if kind == Kind.UNIT and reach in (_PEOPLE, _BELOW):
                units.setdefault(group_id, []).append((member_id, reach))
                continue
            below[group_id].members.append((member_id, kind == Kind.GROUP))
            if kind == Kind.GROUP:
                inside.add(member_id)
        level = inside - below.keys()
    if units:
        _add_people(conn, below, units)
    return {group_id: _gathered(below, group_id) for group_id in group_ids}


def _add_people(conn: Connection, below: Mapping[int, _Level], units: Mapping[int, Sequence[tuple[int, str]]]) -> None:
    """Put the people of the units that stand for them beside the other members."""
    parents: dict[int | None, list[int]] = {}
    for unit_id, parent_id in conn.execute(select(unit.c.principal_id, unit.c.parent_id)):
        parents.setdefault(parent_id, []).append(unit_id)
    meant = {
        group_id: {one for unit_id, reach in named for one in _with_units_below(parents, unit_id, reach)}
        for group_id, named in units.items()
    }
    query = select(person.c.unit_id, principal.c.id).join(principal, principal.c.id == person.c.principal_id)
    everyone = {one for ids in meant.values() for one in ids}
    people: dict[int, list[int]] = {}
    for unit_id, person_id in conn.execute(query.where(person.c.unit_id.in_(everyone), _takes_mail())):
        people.setdefault(unit_id, []).append(person_id)
    for group_id, ids in meant.items():
        below[group_id].members += [(one, False) for unit_id in sorted(ids) for one in sorted(people.get(unit_id, ()))]


def _with_units_below(parents: Mapping[int | None, Collection[int]], unit_id: int, reach: str) -> set[int]:
    found, waiting = {unit_id}, [unit_id]
    while reach == _BELOW and waiting:
        new = set(parents.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _takes_mail() -> ColumnElement[bool]:
    """The condition on `principal` that mail to it arrives, as `resolve` has it."""
    locked_person = (principal.c.status == Status.LOCKED.value) & (principal.c.kind == Kind.PERSON.value)
    return (principal.c.status == Status.ACTIVE.value) | locked_person


def _gathered(below: Mapping[int, _Level], group_id: int) -> Behind:
    """All members that are no groups, each once, and all groups on the way."""
    leaves: dict[int, None] = {}
    seen = {group_id: None}
    waiting = [group_id]
    while waiting:
        for member_id, is_group in below[waiting.pop()].members:
            if not is_group:
                leaves[member_id] = None
            elif member_id not in seen:
                seen[member_id] = None
                waiting.append(member_id)
    return Behind(tuple(leaves), tuple(seen))
