"""Distribution lists by their addresses, for the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from deploy.delegations import id_of
from mailserver.directory import mailing_changes, mailing_import, mailing_lists, principals, rows
from mailserver.directory.errors import NoSuchAgency
from mailserver.directory.mailing_import import Row
from mailserver.directory.mailing_lists import Member, Reach, Role, Settings
from mailserver.directory.records import Kind, Principal
from mailserver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Shown:
    """All that there is to know of a list."""

    who: Principal
    settings: Settings
    owners: list[Principal]
    posters: list[Principal]
    members: list[Member]
    outsiders: list[str]


def list_id(conn: Connection, address: str) -> int:
    """The list with this address. Raises NoSuchPrincipal."""
    return rows.require(conn, id_of(conn, address), Kind.GROUP).id


def all_lists(conn: Connection) -> list[Principal]:
    """Of all agencies, by agency and name."""
    return [one for agency in principals.agencies(conn) for one in mailing_lists.lists(conn, agency.id)]


def show(conn: Connection, address: str) -> Shown:
    """Raises NoSuchPrincipal."""
    found = list_id(conn, address)
    owners, posters = (mailing_lists.holders(conn, (found,), role)[found] for role in (Role.OWNER, Role.POSTER))
    people = mailing_lists.members(conn, found), mailing_lists.outsiders(conn, (found,))[found]
    return Shown(*mailing_lists.get(conn, found), owners, posters, *people)


def add_tx(tx: Tx, address: str, title: str, changes: dict[str, Any]) -> int:
    """Make a list. Raises NoSuchAgency, AddressTaken, AddressInvalid."""
    local, _, domain = address.rpartition("@")
    agency_id = principals.agency_of_domain(tx.conn, domain)
    if agency_id is None:
        raise NoSuchAgency(f"@{domain}")
    return mailing_changes.create_tx(tx, agency_id, title, local, replace(Settings(), **changes))


def set_tx(tx: Tx, address: str, title: str | None, changes: dict[str, Any]) -> bool:
    """Change what is named; whether that is anything new. Raises NoSuchPrincipal."""
    who, settings = mailing_lists.get(tx.conn, list_id(tx.conn, address))
    return mailing_changes.change_tx(tx, who.id, title or who.name, replace(settings, **changes))


def members_tx(tx: Tx, address: str, named: tuple[str, ...], reach: Reach, *, remove: bool) -> int:
    """Put members in or take them out; how many that changed. Raises as `mailing_changes.add_tx`."""
    found, count = list_id(tx.conn, address), 0
    for text in named:
        wanted, _name = mailing_import.meant(tx.conn, text, reach)
        act = mailing_changes.remove_tx if remove else mailing_changes.add_tx
        count += act(tx, found, wanted)
    return count


def role_tx(tx: Tx, address: str, who: str, role: Role, *, remove: bool) -> bool:
    """Give a role, or take it; whether that changed anything. Raises NoSuchPrincipal."""
    act = mailing_changes.take_role_tx if remove else mailing_changes.give_role_tx
    return act(tx, list_id(tx.conn, address), id_of(tx.conn, who), role)


def import_tx(tx: Tx, address: str, text: str, *, dry: bool) -> list[Row]:
    """What becomes, or with dry would become, of each line. Raises NoSuchPrincipal."""
    found = list_id(tx.conn, address)
    looked = mailing_import.look(tx.conn, found, text)
    if not dry:
        mailing_import.add_tx(tx, found, looked)
    return looked


def close_tx(tx: Tx, address: str, reason: str, *, back: bool) -> None:
    """Close a list, or open it again. Raises NoSuchPrincipal."""
    found = list_id(tx.conn, address)
    if back:
        mailing_changes.reopen_tx(tx, found)
    else:
        mailing_changes.close_tx(tx, found, reason)
