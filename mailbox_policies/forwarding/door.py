"""The address of an agency that takes original senders' answers, made when it is first needed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from mailserver.delivery import automatic
from mailserver.directory import principals
from mailserver.directory.errors import AddressTaken
from mailserver.directory.schema import principal
from mailserver.mime.address import Address
from mailserver.store.tx import Tx

# The folder behaviour of the address.
REPLIES = "policies.consent"
NAME = "Ý kiến chuyển tiếp thư"
# A token stands behind "+". The usual one, and what is taken where somebody has or had that before.
USUAL = "dong-y"
OTHERS = ("xin-y-kien", *(f"{USUAL}-{number}" for number in range(2, 100)))


def find(conn: Connection, agency_id: int) -> str | None:
    """The address, once there is one."""
    own = (principal.c.agency_id == agency_id, principal.c.service == REPLIES)
    found = conn.execute(select(principal.c.id).where(*own)).scalar()
    return None if found is None else principals.get(conn, found).address


def open_tx(tx: Tx, agency_id: int) -> Address:
    """The program under this address. Raises AddressTaken where people have all that may be used."""
    known = find(tx.conn, agency_id) or _made_tx(tx, agency_id)
    local, _, domain = known.rpartition("@")
    return automatic.program(domain, local)


def _made_tx(tx: Tx, agency_id: int) -> str:
    for local in (USUAL, *OTHERS[:-1]):
        try:
            return _create_tx(tx, agency_id, local)
        except AddressTaken:  # nothing is written then; a letter that waits matters more than how the address reads
            continue
    return _create_tx(tx, agency_id, OTHERS[-1])


def _create_tx(tx: Tx, agency_id: int, local: str) -> str:
    return principals.get(tx.conn, principals.create_service_tx(tx, agency_id, NAME, local, REPLIES)).address
