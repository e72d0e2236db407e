"""Settings of a mailbox by its address, for the command line."""

from __future__ import annotations

from deploy.delegations import id_of
from mailserver.store import choosing, quota
from mailserver.store.choosing import CHOICES
from mailserver.store.database import Tx
from mailserver.store.quota import Amount, Quota


def choose_flags_tx(tx: Tx, address: str, wanted: dict[str, bool]) -> dict[str, bool]:
    """Make flags personal (True) or shared; those not named stay. What holds then. Raises NoSuchPrincipal."""
    owner_id = id_of(tx.conn, address)
    bits = choosing.personal_flags(tx.conn, owner_id)
    for name, personal in wanted.items():
        bits = bits | CHOICES[name] if personal else bits & ~CHOICES[name]
    choosing.choose_tx(tx, owner_id, int(bits))
    return {name: bool(bits & flag) for name, flag in CHOICES.items()}


def limit_tx(tx: Tx, address: str, limits: dict[str, int | None]) -> Quota:
    """Set limits as `quota.limit_tx` names them; what holds then, and is used. Raises NoSuchPrincipal."""
    owner_id = id_of(tx.conn, address)
    if limits:
        quota.limit_tx(tx, owner_id, **limits)
    used = quota.used_by(tx.conn, (owner_id,)).get(owner_id, Amount(0, 0))
    return Quota(used, quota.of(tx.conn, owner_id).limit)
