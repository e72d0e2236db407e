"""Principals as lists, mails and the journey show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, select

from mailserver.directory.posts import in_office
from mailserver.directory.principals import Kind, Principal, get_many
from mailserver.directory.schema import principal, tenure
from routing.types import Party


def parties(conn: Connection, ids: Iterable[int | None], today: date) -> Mapping[int, Party]:
    """Those of the principals that exist, posts with the name of today's holder; two queries."""
    found = get_many(conn, {one for one in ids if one is not None})
    held = _holders(conn, [one.id for one in found.values() if one.kind is Kind.POST], today)
    return {one.id: to_party(one, held.get(one.id, "")) for one in found.values()}


def party(conn: Connection, principal_id: int, today: date) -> Party:
    return parties(conn, [principal_id], today)[principal_id]


def to_party(one: Principal, holder: str = "") -> Party:
    return Party(one.id, one.kind.value, one.name, one.address, holder)


def _holders(conn: Connection, post_ids: list[int], today: date) -> dict[int, str]:
    if not post_ids:
        return {}
    query = (
        select(tenure.c.post_id, principal.c.name)
        .join(principal, principal.c.id == tenure.c.person_id)
        .where(tenure.c.post_id.in_(post_ids), in_office(today))
    )
    return {row[0]: row[1] for row in conn.execute(query)}
