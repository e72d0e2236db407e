"""Which of a letter's recipients are beyond the border inside which work mail may be passed on without asking."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum, unique

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery.recipients import mailboxes_of
from mailserver.directory.addresses import lookup_key
from mailserver.directory.resolve import resolve_many
from mailserver.store import raw


@unique
class Border(Enum):
    """UNIT: the forwarder's own unit, with its mailbox and posts (123/QĐ-SCT, Điều 9). AGENCY: the whole office."""

    UNIT = "unit"
    AGENCY = "agency"


def beyond(
    conn: Connection, actor: Actor, recipients: Sequence[str], border: Border, own: Collection[str]
) -> list[str]:
    """The recipients who are outside, as they are named. actor: a person; own: addresses he writes as himself.

    A group is inside only with all its members.
    """
    others = [one for one in recipients if lookup_key(one) not in own]
    if not others:
        return []
    boxes = {
        one: [box.principal_id for box in mailboxes_of(found)] for one, found in resolve_many(conn, others).items()
    }
    inside = _inside(conn, actor, {owner for found in boxes.values() for owner in found}, border)
    return [one for one in others if not boxes[one] or not inside.issuperset(boxes[one])]


def _inside(conn: Connection, actor: Actor, owners: Collection[int], border: Border) -> set[int]:
    if not owners:
        return set()
    wanted, numbers = raw.among(conn, "p.id", owners)
    if border is Border.AGENCY:
        query = f"SELECT p.id FROM principal p WHERE {wanted} AND p.agency_id = ?"
        return {row[0] for row in raw.rows(conn, query, (numbers, actor.agency_id))}
    # Somebody in no unit has none to keep the mail in.
    unit = "SELECT unit_id FROM person WHERE principal_id = ? UNION SELECT o.unit_id FROM post o JOIN tenure t"
    unit += " ON t.post_id = o.principal_id WHERE t.person_id = ? AND t.ends_on IS NULL"
    query = (
        "SELECT p.id FROM principal p LEFT JOIN person m ON m.principal_id = p.id"
        f" LEFT JOIN post o ON o.principal_id = p.id WHERE {wanted}"
        f" AND (p.id = ? OR coalesce(m.unit_id, o.unit_id, p.id) IN ({unit}))"
    )
    own = actor.principal_id
    return {row[0] for row in raw.rows(conn, query, (numbers, own, own, own))}
