"""Addresses elsewhere that a mailbox here may write under: nobody is found by them here, mail to them leaves.

Mail under such a name goes out by a server of its own; who has that server (the collector) keeps the address here.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from mailserver.directory import addresses, rows
from mailserver.directory.agencies import agency_of_domain
from mailserver.directory.errors import AddressTaken, NotElsewhere
from mailserver.directory.records import Status
from mailserver.directory.resolve import Mailbox
from mailserver.directory.schema import external_identity, principal
from mailserver.store.database import Tx


def add_tx(tx: Tx, principal_id: int, text: str) -> int:
    """Let who writes for a mailbox write under an address elsewhere; the number of this identity.

    Raises AddressInvalid, AddressTaken (another mailbox has it), NotElsewhere (it is in a domain of ours).
    """
    kept = addresses.address(text)
    if agency_of_domain(tx.conn, kept.rpartition("@")[2]) is not None:
        raise NotElsewhere(kept)
    if identity_of(tx.conn, kept) is not None:
        raise AddressTaken(kept)
    return rows.add(tx.conn, external_identity, address=kept, principal_id=principal_id)


def remove_tx(tx: Tx, identity_id: int) -> None:
    tx.conn.execute(delete(external_identity).where(external_identity.c.id == identity_id))


def identity_of(conn: Connection, text: str) -> int | None:
    """The number of the identity with this address, in any spelling; None: there is none."""
    own = external_identity.c.address == addresses.lookup_key(text)
    found: int | None = conn.execute(select(external_identity.c.id).where(own)).scalar()
    return found


def mailbox_of(conn: Connection, text: str) -> Mailbox | None:
    """Whose mailbox hears what became of mail under this address; None: nobody's."""
    query = (
        select(principal.c.id)
        .join(external_identity, external_identity.c.principal_id == principal.c.id)
        .where(external_identity.c.address == addresses.lookup_key(text), principal.c.status != Status.LEFT.value)
    )
    found: int | None = conn.execute(query).scalar()
    return Mailbox(found) if found is not None else None
