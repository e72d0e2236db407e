"""Addresses besides the one somebody was made with. None is ever given to somebody else."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from mailserver.directory import addresses, rows
from mailserver.directory.agencies import agency_of_domain
from mailserver.directory.creating import add_addresses_tx
from mailserver.directory.errors import AddressTaken, NoSuchAgency, NotAllowed
from mailserver.directory.schema import address
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx


def add_alias_tx(tx: Tx, principal_id: int, text: str) -> str:
    """Give somebody one more address, in one domain of their agency; returns its kept form.

    An address that they had once is theirs again. Raises AddressTaken, AddressInvalid,
    NoSuchAgency (not a domain of the agency), NoSuchPrincipal.
    """
    bump_tx(tx)
    who = rows.require(tx.conn, principal_id)
    kept = addresses.address(text)
    if agency_of_domain(tx.conn, kept.rpartition("@")[2]) != who.agency_id:
        raise NoSuchAgency(text)
    owner = tx.conn.execute(select(address.c.principal_id).where(address.c.address == kept)).scalar()
    if owner not in (None, principal_id):
        raise AddressTaken(kept)
    if owner is None:
        values = {"address": kept, "principal_id": principal_id, "is_primary": False, "kind": "alias"}
        tx.conn.execute(insert(address).values(**values, created_at=tx.now))
    else:
        own = update(address).where(address.c.address == kept, address.c.kind == "former")
        tx.conn.execute(own.values(kind="alias"))
    audit.record_tx(tx, "address.added", owner_id=principal_id, address=kept)
    return kept


def retire_alias_tx(tx: Tx, principal_id: int, text: str) -> None:
    """Let an alias take no mail any more. It stays in the table: nobody else may have it.

    Raises NotAllowed: a primary address, or not one of theirs.
    """
    bump_tx(tx)
    own = (address.c.address == addresses.lookup_key(text), address.c.principal_id == principal_id)
    retired = tx.conn.execute(update(address).where(*own, address.c.kind == "alias").values(kind="former"))
    if retired.rowcount == 0:
        raise NotAllowed(text)
    audit.record_tx(tx, "address.retired", owner_id=principal_id, address=text)


def addresses_of(conn: Connection, principal_id: int) -> list[str]:
    """The addresses that reach somebody, the primary one first."""
    own = (address.c.principal_id == principal_id, address.c.kind != "former")
    query = select(address.c.address).where(*own).order_by(address.c.is_primary.desc(), address.c.address)
    return list(conn.execute(query).scalars())


def readdress_tx(tx: Tx, principal_id: int, local: str) -> None:
    """Give somebody a new primary address; the old ones stay aliases. Raises AddressTaken, AddressInvalid."""
    bump_tx(tx)
    who = rows.require(tx.conn, principal_id)
    retire = update(address).where(address.c.principal_id == principal_id, address.c.is_primary)
    tx.conn.execute(retire.values(is_primary=False, kind="alias"))
    new = add_addresses_tx(tx, principal_id, who.agency_id, local)
    tx.emit("principal.renamed", owner_id=principal_id, address=new)
    audit.record_tx(tx, "principal.renamed", owner_id=principal_id, old=who.address, new=new)
