"""Agencies and their domains. Every address of an agency exists in each of its domains."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from mailserver.directory import addresses, rows
from mailserver.directory.creating import NewPrincipal, create_principal_tx
from mailserver.directory.errors import AddressInvalid, AgencyCodeTaken, DomainTaken, NoSuchAgency
from mailserver.directory.records import Agency, Kind
from mailserver.directory.schema import address, agency, domain, principal
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.text import fold


def create_agency_tx(tx: Tx, code: str, name: str, domain_name: str, profile: str) -> int:
    """Make an agency, its domain and its official mailbox code@domain (123/QĐ-SCT, Điều 6 khoản 1).

    code: the abbreviation of document numbers, "SXD". Returns the agency's id.
    Raises AgencyCodeTaken, DomainTaken, AddressInvalid.
    """
    bump_tx(tx)
    if tx.conn.execute(select(agency.c.id).where(agency.c.code == code)).first() is not None:
        raise AgencyCodeTaken(code)
    values = {"code": code, "name": name, "profile": profile, "settings": {}, "created_at": tx.now}
    agency_id = rows.add(tx.conn, agency, **values)
    _insert_domain(tx, agency_id, addresses.domain_name(domain_name), is_primary=True)
    create_principal_tx(tx, NewPrincipal(agency_id, Kind.AGENCY, name, mailbox_local_part(code)))
    return agency_id


def mailbox_local_part(code: str) -> str:
    """The address of an agency's official mailbox, before its "@": "SGDĐT" → "sgddt"."""
    return fold(code).replace(" ", "")


def add_domain_tx(tx: Tx, agency_id: int, name: str, *, is_primary: bool = False) -> None:
    """Give an agency one more domain; all its addresses are given in it too, as aliases.

    is_primary: new addresses, and those that exist, become primary in this domain; the old ones
    stay as aliases, so that a renamed agency loses no mail. Raises DomainTaken, AddressInvalid.
    """
    bump_tx(tx)
    kept = addresses.domain_name(name)
    old = primary_domain(tx.conn, agency_id)
    _insert_domain(tx, agency_id, kept, is_primary=False)
    _mirror_addresses(tx, old, kept)
    if is_primary:
        _make_primary(tx, agency_id, old, kept)
    audit.record_tx(tx, "domain.added", domain=kept, agency_id=agency_id)


def _insert_domain(tx: Tx, agency_id: int, name: str, *, is_primary: bool) -> None:
    if agency_of_domain(tx.conn, name) is not None:
        raise DomainTaken(name)
    tx.conn.execute(insert(domain).values(name=name, agency_id=agency_id, is_primary=is_primary))


def _mirror_addresses(tx: Tx, old: str, new: str) -> None:
    """Give every address of domain `old` to the same principal in domain `new`, as an alias."""
    existing = tx.conn.execute(select(address).where(_in_domain(old))).all()
    twins = [
        {
            "address": f"{row.address.rpartition('@')[0]}@{new}",
            "principal_id": row.principal_id,
            "is_primary": False,
            "kind": "former" if row.kind == "former" else "alias",
            "created_at": tx.now,
        }
        for row in existing
    ]
    tx.conn.execute(insert(address), twins)


def _make_primary(tx: Tx, agency_id: int, old: str, new: str) -> None:
    """Turn the primary addresses in domain `old` into those in domain `new`."""
    own = update(domain).where(domain.c.agency_id == agency_id)
    tx.conn.execute(own.values(is_primary=domain.c.name == new))
    primaries = select(address.c.address).where(_in_domain(old), address.c.is_primary)
    for was in list(tx.conn.execute(primaries).scalars()):
        twin = f"{was.rpartition('@')[0]}@{new}"
        tx.conn.execute(update(address).where(address.c.address == was).values(is_primary=False, kind="alias"))
        tx.conn.execute(update(address).where(address.c.address == twin).values(is_primary=True, kind="primary"))


def _in_domain(name: str) -> ColumnElement[bool]:
    return address.c.address.endswith(f"@{name}", autoescape=True)


def primary_domain(conn: Connection, agency_id: int) -> str:
    """The domain in which the agency's primary addresses are. Raises NoSuchAgency."""
    query = select(domain.c.name).where(domain.c.agency_id == agency_id, domain.c.is_primary)
    found = conn.execute(query).scalar()
    if found is None:
        raise NoSuchAgency(agency_id)
    return str(found)


def domains(conn: Connection, agency_id: int | None = None) -> list[str]:
    """The domains of one agency, or all local ones; the primary first."""
    query = select(domain.c.name).order_by(domain.c.is_primary.desc(), domain.c.name)
    if agency_id is not None:
        query = query.where(domain.c.agency_id == agency_id)
    return list(conn.execute(query).scalars())


def agency_of_domain(conn: Connection, name: str) -> int | None:
    """The agency whose domain this is; None: not a local domain. `name`: any spelling."""
    try:
        kept = addresses.domain_name(name)
    except AddressInvalid:
        return None
    return conn.execute(select(domain.c.agency_id).where(domain.c.name == kept)).scalar()


def agencies(conn: Connection) -> list[Agency]:
    """All agencies of this installation, the oldest first."""
    own = and_(principal.c.agency_id == agency.c.id, principal.c.kind == Kind.AGENCY.value)
    primary = and_(domain.c.agency_id == agency.c.id, domain.c.is_primary)
    columns = (agency.c.id, agency.c.code, agency.c.name, agency.c.profile, domain.c.name, principal.c.id)
    query = select(*columns).select_from(agency.join(principal, own).join(domain, primary)).order_by(agency.c.id)
    return [Agency(*row) for row in conn.execute(query)]


def agency_by_id(conn: Connection, agency_id: int) -> Agency:
    """Raises NoSuchAgency."""
    found = next((one for one in agencies(conn) if one.id == agency_id), None)
    if found is None:
        raise NoSuchAgency(agency_id)
    return found
