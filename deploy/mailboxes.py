"""Settings of a mailbox by its address, for the command line."""

from __future__ import annotations

from deploy.delegations import id_of
from mailserver.store import choosing
from mailserver.store.database import Tx
from mailserver.store.flags import Flag

# Words of the command line for the flags that may be personal.
FLAGS = {"seen": Flag.SEEN, "flagged": Flag.FLAGGED}


def choose_flags_tx(tx: Tx, address: str, wanted: dict[str, bool]) -> dict[str, bool]:
    """Make flags personal (True) or shared; those not named stay. What holds then. Raises NoSuchPrincipal."""
    owner_id = id_of(tx.conn, address)
    bits = choosing.personal_flags(tx.conn, owner_id)
    for name, personal in wanted.items():
        bits = bits | FLAGS[name] if personal else bits & ~FLAGS[name]
    choosing.choose_tx(tx, owner_id, int(bits))
    return {name: bool(bits & flag) for name, flag in FLAGS.items()}
