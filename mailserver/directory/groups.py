"""Groups, which pass mail on to their members, and service principals, which programs read."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from mailserver.directory import reached, rows
from mailserver.directory.creating import NewPrincipal, create_principal_tx
from mailserver.directory.errors import MembershipCycle
from mailserver.directory.records import Kind, Principal
from mailserver.directory.schema import membership, principal
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.store.schema import folder


def create_group_tx(tx: Tx, agency_id: int, name: str, local_part: str) -> int:
    """Make a group without members; returns its id. Raises AddressTaken."""
    bump_tx(tx)
    return create_principal_tx(tx, NewPrincipal(agency_id, Kind.GROUP, name, local_part))


def create_service_tx(tx: Tx, agency_id: int, name: str, local_part: str, service: str) -> int:
    """Make a principal whose INBOX has the folder behaviour `service`; returns its id."""
    bump_tx(tx)
    new = NewPrincipal(agency_id, Kind.SERVICE, name, local_part, service)
    service_id = create_principal_tx(tx, new)
    inbox = (folder.c.owner_id == service_id, folder.c.name == "INBOX")
    tx.conn.execute(update(folder).where(*inbox).values(behaviour=service))
    return service_id


def add_member_tx(tx: Tx, group_id: int, member_id: int) -> None:
    """Add a person, unit, post or group; a member twice is a member once.

    Emits "grant.changed" for each mailbox that stands open to the group. Raises NoSuchPrincipal, MembershipCycle.
    """
    bump_tx(tx)
    rows.require(tx.conn, group_id, Kind.GROUP)
    rows.require(tx.conn, member_id)
    if would_cycle(tx.conn, group_id, member_id):
        raise MembershipCycle(group_id)
    if member_id in _member_ids(tx.conn, group_id):
        return
    tx.conn.execute(insert(membership).values(group_id=group_id, member_id=member_id))
    reached.tell_tx(tx, group_id)
    audit.record_tx(tx, "group.joined", owner_id=group_id, member_id=member_id)


def would_cycle(conn: Connection, group_id: int, member_id: int) -> bool:
    """Whether a group would be a member of itself, through others or not."""
    return member_id == group_id or group_id in _groups_below(conn, member_id)


def remove_member_tx(tx: Tx, group_id: int, member_id: int) -> None:
    """Take a member out; nothing happens if it was none. Emits as `add_member_tx`."""
    bump_tx(tx)
    row = (membership.c.group_id == group_id, membership.c.member_id == member_id)
    if tx.conn.execute(delete(membership).where(*row)).rowcount:
        reached.tell_tx(tx, group_id)
        audit.record_tx(tx, "group.left", owner_id=group_id, member_id=member_id)


def members(conn: Connection, group_id: int) -> list[Principal]:
    """The direct members of a group by name."""
    query = rows.principals().join(membership, membership.c.member_id == principal.c.id)
    found = conn.execute(query.where(membership.c.group_id == group_id).order_by(principal.c.name))
    return [rows.to_principal(row) for row in found]


def groups(conn: Connection, agency_id: int) -> list[Principal]:
    """The groups of an agency by name."""
    own = (principal.c.agency_id == agency_id, principal.c.kind == Kind.GROUP.value)
    found = conn.execute(rows.principals().where(*own).order_by(principal.c.name))
    return [rows.to_principal(row) for row in found]


def _member_ids(conn: Connection, group_id: int) -> set[int]:
    return set(conn.execute(select(membership.c.member_id).where(membership.c.group_id == group_id)).scalars())


def _groups_below(conn: Connection, group_id: int) -> set[int]:
    """The members of a group, of its groups, and so on."""
    below: set[int] = set()
    level = {group_id}
    while level:
        query = select(membership.c.member_id).where(membership.c.group_id.in_(level))
        level = set(conn.execute(query).scalars()) - below
        below |= level
    return below
