"""IMAP capabilities that are kept from one account, because its client gets on badly with them.

Office 365 enables UIDONLY and then asks by sequence number (mox #388): what helps such a client must not
cost the others anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from mailserver.directory import rows
from mailserver.directory.errors import CapabilityInvalid
from mailserver.directory.records import Kind
from mailserver.directory.schema import capability_mask
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx

_NAME = re.compile(r"[A-Z0-9][A-Z0-9.+_=-]{0,59}")


def hidden_from(conn: Connection, principal_id: int) -> frozenset[str]:
    """The names in capitals."""
    mask = capability_mask.c
    return frozenset(conn.execute(select(mask.capability).where(mask.principal_id == principal_id)).scalars())


def hide_tx(tx: Tx, principal_id: int, names: Iterable[str], *, hide: bool = True) -> None:
    """Keep capabilities from an account, or (hide=False) no longer; it holds from the next sign-in on.

    Raises NoSuchPrincipal, CapabilityInvalid.
    """
    rows.require(tx.conn, principal_id, Kind.PERSON, Kind.SERVICE)
    wanted = sorted({name.strip().upper() for name in names})
    for name in wanted:
        if not _NAME.fullmatch(name) or name == "IMAP4REV1":
            raise CapabilityInvalid(name)
    bump_tx(tx)
    mask = capability_mask.c
    tx.conn.execute(delete(capability_mask).where(mask.principal_id == principal_id, mask.capability.in_(wanted)))
    if hide and wanted:
        masked = [{"principal_id": principal_id, "capability": name} for name in wanted]
        tx.conn.execute(insert(capability_mask), masked)
    act = "capabilities.hidden" if hide else "capabilities.shown"
    audit.record_tx(tx, act, owner_id=principal_id, names=wanted)
