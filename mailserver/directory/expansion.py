"""Groups within groups, down to the mailboxes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select

from mailserver.directory.records import Kind, Status
from mailserver.directory.schema import membership, principal


def mailboxes_behind(conn: Connection, group_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The mailboxes behind each group; one query a level of groups within groups."""
    below: dict[int, list[tuple[int, str]]] = {}
    level = set(group_ids)
    while level:
        query = (
            select(membership.c.group_id, principal.c.id, principal.c.kind)
            .join(principal, principal.c.id == membership.c.member_id)
            .where(membership.c.group_id.in_(level), _takes_mail())
            .order_by(principal.c.id)
        )
        below |= {group_id: [] for group_id in level}
        for group_id, member_id, kind in conn.execute(query):
            below[group_id].append((member_id, kind))
        inside = {member for group in level for member, kind in below[group] if kind == Kind.GROUP}
        level = inside - below.keys()
    return {group_id: _leaves(below, group_id) for group_id in group_ids}


def _takes_mail() -> ColumnElement[bool]:
    """The condition on `principal` that mail to it arrives, as `_resolution` has it."""
    locked_person = (principal.c.status == Status.LOCKED.value) & (principal.c.kind == Kind.PERSON.value)
    return (principal.c.status == Status.ACTIVE.value) | locked_person


def _leaves(below: dict[int, list[tuple[int, str]]], group_id: int) -> tuple[int, ...]:
    """All members that are no groups, each once, whatever way leads to them."""
    leaves: dict[int, None] = {}
    seen = {group_id}
    waiting = [group_id]
    while waiting:
        for member_id, kind in below[waiting.pop()]:
            if kind != Kind.GROUP:
                leaves[member_id] = None
            elif member_id not in seen:
                seen.add(member_id)
                waiting.append(member_id)
    return tuple(leaves)
