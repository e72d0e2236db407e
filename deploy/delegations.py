"""Delegating a mailbox by address, for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from mailserver.directory import grants, principals
from mailserver.directory.errors import NoSuchPrincipal
from mailserver.store.database import Tx


def grant_tx(
    tx: Tx, owner: str, grantee: str, rights: Iterable[str], starts_at: datetime, ends_at: datetime | None
) -> None:
    """Give `grantee` rights on the mailbox of `owner`. Raises NoSuchPrincipal, GrantInvalid."""
    grants.grant_tx(tx, id_of(tx.conn, owner), id_of(tx.conn, grantee), rights, starts_at, ends_at)


def revoke_tx(tx: Tx, owner: str, grantee: str) -> int:
    """Take back every grant in force or to come; how many there were. Raises NoSuchPrincipal."""
    owner_id, grantee_id = id_of(tx.conn, owner), id_of(tx.conn, grantee)
    current = [*grants.grants_on(tx.conn, owner_id, tx.now), *grants.coming_grants_on(tx.conn, owner_id, tx.now)]
    found = [grant for grant in current if grant.grantee_id == grantee_id]
    for grant in found:
        grants.revoke_tx(tx, grant.id)
    return len(found)


def id_of(conn: Connection, address: str) -> int:
    """The principal with this address. Raises NoSuchPrincipal."""
    found = principals.by_address(conn, address)
    if found is None:
        raise NoSuchPrincipal(address)
    return found.id
