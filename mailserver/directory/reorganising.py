"""An agency that is given another name, abbreviation or regulation."""

from __future__ import annotations

from sqlalchemy import select, update

from mailserver.directory.agencies import agency_by_id, mailbox_local_part
from mailserver.directory.aliases import readdress_tx
from mailserver.directory.errors import AgencyCodeTaken
from mailserver.directory.rows import require
from mailserver.directory.schema import agency, principal
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx


def reorganise_tx(tx: Tx, agency_id: int, *, code: str, name: str, profile: str) -> None:
    """Give an agency this abbreviation, name and profile; the old address of its mailbox stays an alias.

    Raises NoSuchAgency, AgencyCodeTaken, AddressTaken, AddressInvalid.
    """
    bump_tx(tx)
    old = agency_by_id(tx.conn, agency_id)
    if tx.conn.execute(select(agency.c.id).where(agency.c.code == code, agency.c.id != agency_id)).first():
        raise AgencyCodeTaken(code)
    values = {"code": code, "name": name, "profile": profile}
    tx.conn.execute(update(agency).where(agency.c.id == agency_id).values(**values))
    tx.conn.execute(update(principal).where(principal.c.id == old.principal_id).values(name=name))
    local = mailbox_local_part(code)
    if require(tx.conn, old.principal_id).local_part != local:
        readdress_tx(tx, old.principal_id, local)
    audit.record_tx(
        tx, "agency.reorganised", owner_id=old.principal_id, old=old.code, code=code, name=name, profile=profile
    )
