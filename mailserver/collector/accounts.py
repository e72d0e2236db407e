"""The accounts: added, changed and removed by an administrator, read by the collector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from mailserver.collector.errors import AccountExists, NoSuchAccount, PasswordExposed, TargetUnknown
from mailserver.collector.records import Account, After, Outcome, Refusal, Remote, Security, Standing, Trouble, Wish
from mailserver.collector.schema import collector_account as account
from mailserver.collector.schema import collector_act as act
from mailserver.collector.schema import collector_folder as folder
from mailserver.collector.schema import collector_message as message
from mailserver.collector.schema import collector_sending as sending
from mailserver.directory import external, rows
from mailserver.directory.resolve import Mailbox, resolve
from mailserver.store import audit
from mailserver.store.database import Tx

# Emitted with every change: the collector starts, stops or restarts the account's loop.
CHANGED = "collector.changed"
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
# How many refused messages a status names.
MOST_NAMED = 20


def require_privacy(server: Remote) -> None:
    """A password goes in the clear to this machine alone. Raises PasswordExposed."""
    if server.security is Security.NONE and server.host not in LOOPBACK:
        raise PasswordExposed(server.host)


def add_tx(tx: Tx, wish: Wish, secret: bytes) -> int:
    """Keep an account; returns its number. secret: the password, locked by the `PasswordVault`.

    Raises AccountExists, TargetUnknown, PasswordExposed.
    """
    remote = wish.remote
    require_privacy(remote)
    target(tx.conn, wish.target)
    same = (account.c.host == remote.host) & (account.c.login == remote.login)
    if tx.conn.execute(select(account.c.id).where(same)).first() is not None:
        raise AccountExists(f"{remote.login}@{remote.host}")
    account_id = rows.add(
        tx.conn,
        account,
        target=wish.target,
        host=remote.host,
        port=remote.port,
        security=remote.security.value,
        fingerprint=remote.fingerprint,
        login=remote.login,
        secret=secret,
        folders=list(wish.folders),
        after=wish.after.value,
        poll_s=wish.poll_s,
        since=wish.since,
        paused=False,
        created_at=tx.now,
        changed_at=tx.now,
    )
    _told_tx(tx, "collector.added", account_id, target=wish.target, host=remote.host, login=remote.login)
    return account_id


def target(conn: Connection, address: str) -> Mailbox:
    """The mailbox behind an address. Raises TargetUnknown for a group, a closed box, and nobody."""
    found = resolve(conn, address)
    if not isinstance(found, Mailbox):
        raise TargetUnknown(address)
    return found


def pause_tx(tx: Tx, account_id: int, paused: bool) -> None:
    """Stop collecting, or go on where it stopped. Raises NoSuchAccount."""
    _change_tx(tx, account_id, paused=paused)
    _told_tx(tx, "collector.paused" if paused else "collector.resumed", account_id)


def set_secret_tx(tx: Tx, account_id: int, secret: bytes) -> None:
    """Keep another password, locked by the `PasswordVault`. Raises NoSuchAccount."""
    _change_tx(tx, account_id, secret=secret)
    _told_tx(tx, "collector.password", account_id)


def _change_tx(tx: Tx, account_id: int, **values: Any) -> None:
    """Any change is a reason to try again at once."""
    fresh = {"changed_at": tx.now, "failures": 0, "next_at": None}
    done = tx.conn.execute(update(account).where(account.c.id == account_id).values(**values, **fresh))
    if done.rowcount == 0:
        raise NoSuchAccount(account_id)


def remove_tx(tx: Tx, account_id: int) -> None:
    """Forget an account and what it has delivered; added again, it delivers all of it again.

    Raises NoSuchAccount.
    """
    tx.conn.execute(select(account.c.id).where(account.c.id == account_id).with_for_update())
    forget_sending_tx(tx, account_id)
    for table in (act, message, folder):
        tx.conn.execute(delete(table).where(table.c.account_id == account_id))
    if tx.conn.execute(delete(account).where(account.c.id == account_id)).rowcount == 0:
        raise NoSuchAccount(account_id)
    _told_tx(tx, "collector.removed", account_id)


def forget_sending_tx(tx: Tx, account_id: int) -> bool:
    """Let nobody write under the account's address any more; whether anybody could. See `sending`."""
    gone = delete(sending).where(sending.c.account_id == account_id).returning(sending.c.identity_id)
    identity_id = tx.conn.execute(gone).scalar()
    if identity_id is None:
        return False
    external.remove_tx(tx, identity_id)
    return True


def _told_tx(tx: Tx, action: str, account_id: int, **detail: Any) -> None:
    audit.record_tx(tx, action, account=account_id, **detail)
    tx.emit(CHANGED, account=account_id)


def accounts(conn: Connection) -> list[Account]:
    """All of them, the oldest first."""
    return [_account(row) for row in conn.execute(select(account).order_by(account.c.id))]


def get(conn: Connection, account_id: int) -> Account:
    """Raises NoSuchAccount."""
    return _account(_row(conn, account_id))


def standing(conn: Connection, account_id: int) -> Standing:
    """How collecting goes. Raises NoSuchAccount."""
    row = _row(conn, account_id)
    return Standing(
        row.collected,
        row.refused,
        row.last_success_at,
        row.last_failure_at,
        Trouble(row.trouble) if row.trouble else None,
        row.detail,
        row.failures,
        row.next_at,
    )


def refusals(conn: Connection, account_id: int) -> Sequence[Refusal]:
    """The newest messages that were left on the remote, at most MOST_NAMED."""
    columns = (message.c.message_id, message.c.folder, message.c.uid, message.c.size, message.c.reason, message.c.at)
    own = (message.c.account_id == account_id) & (message.c.outcome == Outcome.REFUSED.value)
    query = select(*columns).where(own).order_by(message.c.at.desc(), message.c.uid.desc()).limit(MOST_NAMED)
    return [Refusal(*row) for row in conn.execute(query)]


def _row(conn: Connection, account_id: int) -> Row[Any]:
    found = conn.execute(select(account).where(account.c.id == account_id)).first()
    if found is None:
        raise NoSuchAccount(account_id)
    return found


def _account(row: Row[Any]) -> Account:
    remote = Remote(row.host, row.port, Security(row.security), row.login, row.fingerprint)
    wish = Wish(row.target, remote, tuple(row.folders), After(row.after), row.poll_s, row.since)
    return Account(row.id, wish, row.secret, row.paused, row.changed_at)
