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

    Emits "agency.changed".
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
    tx.emit("agency.changed", owner_id=old.principal_id)
    audit.record_tx(
        tx, "agency.reorganised", owner_id=old.principal_id, old=old.code, code=code, name=name, profile=profile
    )


def set_setting_tx(tx: Tx, agency_id: int, key: str, value: int | str | bool | list[str] | None) -> None:
    """Let an agency differ from its profile in one value; None: as the profile says again.

    key: dotted, "mail.message_size_limit"; what it may be is the profile's to check. Emits
    "agency.changed". Raises NoSuchAgency.
    """
    bump_tx(tx)
    own = agency_by_id(tx.conn, agency_id)
    kept = dict(tx.conn.execute(select(agency.c.settings).where(agency.c.id == agency_id)).scalar_one() or {})
    kept.pop(key, None)
    if value is not None:
        kept[key] = value
    tx.conn.execute(update(agency).where(agency.c.id == agency_id).values(settings=kept))
    tx.emit("agency.changed", owner_id=own.principal_id)
    audit.record_tx(tx, "agency.setting", owner_id=own.principal_id, key=key, value=value)
