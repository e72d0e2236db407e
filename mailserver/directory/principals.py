"""The directory's principals: the one place other rooms import their making and reading from."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from mailserver.directory import rows
from mailserver.directory.addresses import lookup_key
from mailserver.directory.agencies import (
    add_domain_tx,
    agencies,
    agency_by_id,
    agency_of_domain,
    create_agency_tx,
    domains,
    primary_domain,
)
from mailserver.directory.aliases import add_alias_tx, addresses_of, readdress_tx, retire_alias_tx
from mailserver.directory.errors import NoSuchAgency
from mailserver.directory.groups import (
    add_member_tx,
    create_group_tx,
    create_service_tx,
    groups,
    members,
    remove_member_tx,
)
from mailserver.directory.people import (
    close_tx,
    create_person_tx,
    leave_tx,
    lock_person_tx,
    people,
    person_by_staff_code,
    unit_of,
    unlock_person_tx,
)
from mailserver.directory.posts import (
    Post,
    Unit,
    appoint_tx,
    create_post_tx,
    create_unit_tx,
    end_tenure_tx,
    head_of,
    head_over,
    holder,
    posts,
    posts_of,
    units,
)
from mailserver.directory.records import Agency, Kind, PersonData, Principal, Status, office_day
from mailserver.directory.reorganising import reorganise_tx, set_setting_tx
from mailserver.directory.schema import address, principal

__all__ = [
    "Agency",
    "Kind",
    "PersonData",
    "Post",
    "Principal",
    "Status",
    "Unit",
    "add_alias_tx",
    "add_domain_tx",
    "add_member_tx",
    "addresses_of",
    "agencies",
    "agency_by_id",
    "agency_mailbox",
    "agency_of_domain",
    "appoint_tx",
    "by_address",
    "close_tx",
    "create_agency_tx",
    "create_group_tx",
    "create_person_tx",
    "create_post_tx",
    "create_service_tx",
    "create_unit_tx",
    "domains",
    "end_tenure_tx",
    "get",
    "get_many",
    "groups",
    "head_of",
    "head_over",
    "holder",
    "leave_tx",
    "lock_person_tx",
    "members",
    "office_day",
    "people",
    "person_by_staff_code",
    "posts",
    "posts_of",
    "primary_domain",
    "readdress_tx",
    "remove_member_tx",
    "reorganise_tx",
    "retire_alias_tx",
    "set_setting_tx",
    "unit_of",
    "units",
    "unlock_person_tx",
]


_AGENCY_MAILBOX = rows.principals().where(
    principal.c.agency_id == bindparam("agency"), principal.c.kind == Kind.AGENCY.value
)


def get(conn: Connection, principal_id: int) -> Principal:
    """Raises NoSuchPrincipal."""
    return rows.require(conn, principal_id)


def get_many(conn: Connection, principal_ids: set[int]) -> dict[int, Principal]:
    """Those of the principals that exist, by id, in one query."""
    found = conn.execute(rows.principals().where(principal.c.id.in_(principal_ids)))
    return {row.id: rows.to_principal(row) for row in found}


def by_address(conn: Connection, text: str) -> Principal | None:
    """Whose address this is, primary or alias, in any spelling; no subaddress, no former one."""
    owner = select(address.c.principal_id).where(address.c.address == lookup_key(text), address.c.kind != "former")
    row = conn.execute(rows.principals().where(principal.c.id == owner.scalar_subquery())).first()
    return None if row is None else rows.to_principal(row)


def agency_mailbox(conn: Connection, agency_id: int) -> Principal:
    """The principal of kind agency: the official mailbox. Raises NoSuchAgency."""
    row = conn.execute(_AGENCY_MAILBOX, {"agency": agency_id}).first()
    if row is None:
        raise NoSuchAgency(agency_id)
    return rows.to_principal(row)
