"""Making a principal: its row, its addresses, its standard folders, its event, in one go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

from mailserver.directory import addresses, rows
from mailserver.directory.errors import AddressTaken, NoSuchAgency
from mailserver.directory.records import Kind, Status
from mailserver.directory.schema import address, principal
from mailserver.store import audit, folders, raw
from mailserver.store.database import Tx

_DOMAINS = "SELECT name FROM domain WHERE agency_id = ? ORDER BY is_primary DESC, name"
_ADD_ADDRESSES = insert(address)


@dataclass(frozen=True, slots=True)
class NewPrincipal:
    """What every kind of principal needs to be made."""

    agency_id: int
    kind: Kind
    name: str
    local_part: str
    service: str | None = None


def create_principal_tx(tx: Tx, new: NewPrincipal) -> int:
    """Insert the principal with an address in each domain of its agency; returns its id.

    The caller has called `version.bump_tx`. Emits "principal.created".
    Raises AddressInvalid, AddressTaken, NoSuchAgency.
    """
    spelled = _free_addresses(tx, new.agency_id, new.local_part)
    row = {
        "agency_id": new.agency_id,
        "kind": new.kind.value,
        "name": new.name,
        "status": Status.ACTIVE.value,
        "service": new.service,
        "created_at": tx.now,
    }
    principal_id = rows.add(tx.conn, principal, **row)
    _insert_addresses(tx, principal_id, spelled)
    folders.create_standard_tx(tx, principal_id)
    tx.emit("principal.created", owner_id=principal_id, principal_kind=new.kind.value, address=spelled[0])
    audit.record_tx(tx, "principal.created", owner_id=principal_id, kind=new.kind.value, address=spelled[0])
    return principal_id


def add_addresses_tx(tx: Tx, principal_id: int, agency_id: int, local_part: str) -> str:
    """Give a principal a local part in each domain of its agency; returns the one that is primary now.

    The caller has taken the mark off the old primary address. Raises AddressInvalid, AddressTaken.
    """
    spelled = _free_addresses(tx, agency_id, local_part)
    _insert_addresses(tx, principal_id, spelled)
    return spelled[0]


def _free_addresses(tx: Tx, agency_id: int, local_part: str) -> list[str]:
    """The local part in all domains of the agency, the primary domain first."""
    local = addresses.local_part(local_part)
    found = [f"{local}@{name}" for (name,) in raw.rows(tx.conn, _DOMAINS, (agency_id,))]
    if not found:
        raise NoSuchAgency(agency_id)
    _refuse_taken(tx, found)
    return found


def _refuse_taken(tx: Tx, spelled: list[str]) -> None:
    condition, wanted = rows.among_texts(tx.conn, "address", spelled)
    taken = raw.row(tx.conn, f"SELECT address FROM address WHERE {condition}", (wanted,))
    if taken is not None:
        raise AddressTaken(str(taken[0]))


def _insert_addresses(tx: Tx, principal_id: int, spelled: list[str]) -> None:
    """The first becomes the primary address, the others aliases."""
    new = [
        {
            "address": one,
            "principal_id": principal_id,
            "is_primary": one == spelled[0],
            "kind": "primary" if one == spelled[0] else "alias",
            "created_at": tx.now,
        }
        for one in spelled
    ]
    tx.conn.execute(_ADD_ADDRESSES, new)
