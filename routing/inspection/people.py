"""Whose mailbox may be inspected, by whom, and who confirms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from mailserver.actor import Actor
from mailserver.directory import principals
from mailserver.directory.alphabet import Key, by_given_name, word
from mailserver.directory.principals import Kind, Principal, Status
from mailserver.directory.schema import principal
from routing.holders import holders
from routing.inspection import access
from routing.inspection.access import Act
from routing.inspection.orders import Order
from routing.standing import standing_of

# For who runs the system: an administrator helps, and reads nobody's mail (DOMAIN 2.9, K1).
TECHNICAL = "manage_accounts"
_MAILBOXES = (Kind.PERSON, Kind.UNIT, Kind.POST, Kind.AGENCY)


def mailboxes(conn: Connection, agency_id: int) -> list[Principal]:
    """All mailboxes of the agency, those of people first, by name; of people who have left too."""
    kinds = [kind.value for kind in _MAILBOXES]
    ids = conn.execute(select(principal.c.id).where(principal.c.agency_id == agency_id, principal.c.kind.in_(kinds)))
    found = principals.get_many(conn, set(ids.scalars()))
    return sorted(found.values(), key=lambda one: (_MAILBOXES.index(one.kind), *_place(one), one.id))


def _place(one: Principal) -> tuple[Key, Key]:
    """People by how they are called, all others by the words of their names."""
    return by_given_name(one.name) if one.kind is Kind.PERSON else (word(one.name), word(""))


def inspectors(conn: Connection, agency_id: int) -> list[Principal]:
    """Who may be named, if it is not their mailbox: people who are there, but for administrators."""
    technical = {one.id for one in holders(conn, agency_id, TECHNICAL)}
    people = principals.people(conn, agency_id)
    found = [one for one in people if one.status is Status.ACTIVE and one.id not in technical]
    return sorted(found, key=lambda one: by_given_name(one.name))


def confirmers(conn: Connection, order: Order, now: datetime) -> list[Principal]:
    """Who may confirm an order that waits."""
    found = []
    for one in holders(conn, order.agency_id, access.CONFIRM):
        who = standing_of(conn, Actor(one.id, order.agency_id, "system"), now)
        if Act.CONFIRM in access.acts_of(who, order, now):
            found.append(one)
    return found
