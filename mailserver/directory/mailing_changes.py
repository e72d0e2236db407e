"""Changing distribution lists. Who may do so is asked before (`routing/mailing_lists.py`, or the command line).

Every change is in the audit with what was before, so that the history of a list can be read and undone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select, update

from mailserver.directory import addresses, groups, mailing_lists, people, rows
from mailserver.directory.agencies import agency_of_domain
from mailserver.directory.creating import NewPrincipal, create_principal_tx
from mailserver.directory.errors import DirectoryError, NotElsewhere
from mailserver.directory.mailing_lists import Reach, Role, Settings
from mailserver.directory.mailing_schema import mailing_list, mailing_list_outsider, mailing_list_role
from mailserver.directory.records import Kind
from mailserver.directory.schema import membership, principal
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx

# Members elsewhere of one list: each is a delivery to another server for every letter.
MOST_OUTSIDERS = 500
MOST_TITLE = 200


class OutsideNotTaken(DirectoryError):
    """The list takes no members elsewhere, or has as many as it may."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A member that is to be: `member_id` of ours with what it stands for, or `outsider` elsewhere."""

    member_id: int | None = None
    reach: Reach = Reach.MAILBOX
    outsider: str = ""


def create_tx(tx: Tx, agency_id: int, title: str, local_part: str, settings: Settings) -> int:
    """Make a list without members; its id. Raises AddressTaken, AddressInvalid."""
    bump_tx(tx)
    list_id = create_principal_tx(tx, NewPrincipal(agency_id, Kind.GROUP, title[:MOST_TITLE], local_part))
    tx.conn.execute(insert(mailing_list).values(group_id=list_id, **asdict(settings)))
    audit.record_tx(tx, "list.created", owner_id=list_id, title=title, settings=asdict(settings))
    return list_id


def change_tx(tx: Tx, list_id: int, title: str, settings: Settings) -> bool:
    """Say how a list is called and takes letters; whether that is anything new. Raises NoSuchPrincipal."""
    bump_tx(tx)
    who, before = mailing_lists.get(tx.conn, list_id)
    if (who.name, before) == (title, settings):
        return False
    tx.conn.execute(update(principal).where(principal.c.id == list_id).values(name=title[:MOST_TITLE]))
    known = tx.conn.execute(select(mailing_list.c.group_id).where(mailing_list.c.group_id == list_id)).first()
    if known is None:
        tx.conn.execute(insert(mailing_list).values(group_id=list_id, **asdict(settings)))
    else:
        tx.conn.execute(update(mailing_list).where(mailing_list.c.group_id == list_id).values(**asdict(settings)))
    old, new = {"title": who.name, **asdict(before)}, {"title": title, **asdict(settings)}
    changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    audit.record_tx(tx, "list.changed", owner_id=list_id, changed=changed)
    return True


def add_tx(tx: Tx, list_id: int, wanted: Wanted) -> bool:
    """Make somebody a member, or say anew what a unit stands for; whether that changed anything.

    Raises NoSuchPrincipal, MembershipCycle, AddressInvalid, NotElsewhere, OutsideNotTaken.
    """
    if wanted.member_id is None:
        return _add_outsider_tx(tx, list_id, wanted.outsider)
    who = rows.require(tx.conn, wanted.member_id)
    reach = wanted.reach if who.kind is Kind.UNIT else Reach.MAILBOX
    before = _reach(tx.conn, list_id, wanted.member_id)
    groups.add_member_tx(tx, list_id, wanted.member_id)
    if before is reach:
        return False
    row = (membership.c.group_id == list_id, membership.c.member_id == wanted.member_id)
    tx.conn.execute(update(membership).where(*row).values(reach=reach.value))
    if reach is not Reach.MAILBOX or before is not None:
        audit.record_tx(tx, "list.reach", owner_id=list_id, member_id=wanted.member_id, reach=reach.value)
    return True


def remove_tx(tx: Tx, list_id: int, wanted: Wanted) -> bool:
    """Take a member out; False if it was none. Raises NoSuchPrincipal."""
    rows.require(tx.conn, list_id, Kind.GROUP)
    if wanted.member_id is not None:
        if _reach(tx.conn, list_id, wanted.member_id) is None:
            return False
        groups.remove_member_tx(tx, list_id, wanted.member_id)
        return True
    bump_tx(tx)
    row = (mailing_list_outsider.c.group_id == list_id, mailing_list_outsider.c.address == wanted.outsider)
    if tx.conn.execute(delete(mailing_list_outsider).where(*row)).rowcount == 0:
        return False
    audit.record_tx(tx, "group.left", owner_id=list_id, address=wanted.outsider)
    return True


def give_role_tx(tx: Tx, list_id: int, principal_id: int, role: Role) -> bool:
    """Make a person, post, unit or group an owner or poster; False if it was one. Raises NoSuchPrincipal."""
    bump_tx(tx)
    rows.require(tx.conn, list_id, Kind.GROUP)
    rows.require(tx.conn, principal_id, Kind.PERSON, Kind.POST, Kind.UNIT, Kind.GROUP)
    if any(one.id == principal_id for one in mailing_lists.holders(tx.conn, (list_id,), role)[list_id]):
        return False
    row = {"group_id": list_id, "principal_id": principal_id, "role": role.value, "since": tx.now}
    tx.conn.execute(insert(mailing_list_role).values(row))
    audit.record_tx(tx, "list.role_given", owner_id=list_id, member_id=principal_id, role=role.value)
    return True


def take_role_tx(tx: Tx, list_id: int, principal_id: int, role: Role) -> bool:
    """The opposite of `give_role_tx`; False if there was nothing to take."""
    bump_tx(tx)
    table = mailing_list_role.c
    row = (table.group_id == list_id, table.principal_id == principal_id, table.role == role.value)
    if tx.conn.execute(delete(mailing_list_role).where(*row)).rowcount == 0:
        return False
    audit.record_tx(tx, "list.role_taken", owner_id=list_id, member_id=principal_id, role=role.value)
    return True


def close_tx(tx: Tx, list_id: int, reason: str) -> None:
    """Refuse what is written to a list from now on; members stay. Raises NoSuchPrincipal."""
    rows.require(tx.conn, list_id, Kind.GROUP)
    people.close_tx(tx, list_id, reason)


def reopen_tx(tx: Tx, list_id: int) -> None:
    """Undo `close_tx`. Raises NoSuchPrincipal."""
    rows.require(tx.conn, list_id, Kind.GROUP)
    people.reopen_tx(tx, list_id)


def _add_outsider_tx(tx: Tx, list_id: int, text: str) -> bool:
    bump_tx(tx)
    _who, settings = mailing_lists.get(tx.conn, list_id)
    one = elsewhere(tx.conn, text)
    known = mailing_lists.outsiders(tx.conn, (list_id,))[list_id]
    if one in known:
        return False
    if not settings.takes_outside or len(known) >= MOST_OUTSIDERS:
        raise OutsideNotTaken(one)
    tx.conn.execute(insert(mailing_list_outsider).values(group_id=list_id, address=one, since=tx.now))
    audit.record_tx(tx, "group.joined", owner_id=list_id, address=one)
    return True


def elsewhere(conn: Connection, text: str) -> str:
    """The kept form of an address of another server. Raises AddressInvalid, NotElsewhere (the domain is ours)."""
    one = addresses.elsewhere(text)
    if agency_of_domain(conn, one.rpartition("@")[2]) is not None:
        raise NotElsewhere(one)
    return one


def _reach(conn: Connection, list_id: int, member_id: int) -> Reach | None:
    """What a member stands for; None if it is none."""
    row = (membership.c.group_id == list_id, membership.c.member_id == member_id)
    found = conn.execute(select(membership.c.reach).where(*row)).scalar()
    return None if found is None else Reach(found)
