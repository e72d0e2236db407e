"""Sending through the submission server of a collected mailbox: which server, under which address."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select

from mailserver.collector import accounts
from mailserver.collector.records import Remote, Security, Sending
from mailserver.collector.schema import collector_account as account
from mailserver.collector.schema import collector_sending as sending
from mailserver.directory import addresses, external, rows
from mailserver.store import audit
from mailserver.store.database import Tx

_KEPT = select(
    sending.c.address,
    sending.c.identity_id,
    sending.c.host,
    sending.c.port,
    sending.c.security,
    sending.c.login,
    func.coalesce(sending.c.secret, account.c.secret).label("secret"),
).join(account, account.c.id == sending.c.account_id)


def choose_tx(tx: Tx, account_id: int, address: str, server: Remote, secret: bytes | None) -> None:
    """Let mail under `address` go out by this server, in the place of what was chosen before.

    Who may write for the mailbox that gets the account's mail may write under the address from now on.
    secret: the password, locked by the `PasswordVault`; None: that of the account, whatever it becomes.
    Raises NoSuchAccount, TargetUnknown, PasswordExposed, AddressInvalid, AddressTaken, NotElsewhere.
    """
    accounts.require_privacy(server)
    owner = accounts.target(tx.conn, accounts.get(tx.conn, account_id).wish.target)
    kept = addresses.address(address)
    identity_id = _identity_tx(tx, account_id, owner.principal_id, kept)
    rows.add(
        tx.conn,
        sending,
        account_id=account_id,
        identity_id=identity_id,
        address=kept,
        host=server.host,
        port=server.port,
        security=server.security.value,
        login=server.login,
        secret=secret,
    )
    audit.record_tx(
        tx,
        "collector.sending",
        owner_id=owner.principal_id,
        account=account_id,
        address=address,
        host=server.host,
        login=server.login,
    )


def _identity_tx(tx: Tx, account_id: int, owner_id: int, address: str) -> int:
    """The number of the identity; mail that waits keeps it when only the server changes."""
    known = of_account(tx.conn, account_id)
    if known is not None and known.address == address:
        tx.conn.execute(delete(sending).where(sending.c.account_id == account_id))
        return known.identity_id
    accounts.forget_sending_tx(tx, account_id)
    return external.add_tx(tx, owner_id, address)


def end_tx(tx: Tx, account_id: int) -> bool:
    """Nobody writes under the account's address any more; whether anybody could before."""
    ended = accounts.forget_sending_tx(tx, account_id)
    if ended:
        audit.record_tx(tx, "collector.sending_ended", account=account_id)
    return ended


def of_account(conn: Connection, account_id: int) -> Sending | None:
    """What is chosen for an account; None: nothing is sent by it."""
    return _read(conn.execute(_KEPT.where(sending.c.account_id == account_id)).first())


def of_identity(conn: Connection, identity_id: int) -> Sending | None:
    """By which server mail of an identity goes (`mailserver.directory.external`); None: by none any more."""
    return _read(conn.execute(_KEPT.where(sending.c.identity_id == identity_id)).first())


def _read(row: Any) -> Sending | None:
    if row is None:
        return None
    server = Remote(row.host, row.port, Security(row.security), row.login)
    return Sending(row.address, row.identity_id, server, row.secret)
