"""What the collector remembers of a remote: how far each folder was read, and every message it met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from mailserver.collector.errors import CollectorError, Failed, NoSuchAccount
from mailserver.collector.records import Outcome
from mailserver.collector.schema import collector_account as account
from mailserver.collector.schema import collector_act as todo
from mailserver.collector.schema import collector_folder as folder
from mailserver.collector.schema import collector_message as message
from mailserver.store.database import Tx
from mailserver.store.upsert import insert

# Octets of a Message-ID that are kept.
LONGEST_ID = 255


class AlreadyCollected(CollectorError):
    """Another process delivered the same message meanwhile."""


@dataclass(frozen=True, slots=True)
class Where:
    """A message on the remote; its uid means nothing under another uidvalidity (RFC 9051 §2.3.1.1)."""

    account_id: int
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Met:
    """A message that was met. digest: SHA-256 of its octets. size: octets."""

    where: Where
    digest: bytes
    message_id: str
    size: int


def last_uid(conn: Connection, account_id: int, name: str, uidvalidity: int) -> int:
    """Up to where a folder was read; 0 for a new one, and for one whose UIDs were given anew."""
    own = (folder.c.account_id == account_id) & (folder.c.name == name)
    found = conn.execute(select(folder.c.uidvalidity, folder.c.last_uid).where(own)).first()
    return int(found.last_uid) if found is not None and found.uidvalidity == uidvalidity else 0


def move_on_tx(tx: Tx, where: Where) -> None:
    """Note that a folder was read up to this message. Raises NoSuchAccount: it was removed meanwhile."""
    _require_account(tx, where.account_id)
    values = {"uidvalidity": where.uidvalidity, "last_uid": where.uid}
    made = insert(tx.conn, folder).values(account_id=where.account_id, name=where.folder, **values)
    tx.conn.execute(made.on_conflict_do_update(index_elements=["account_id", "name"], set_=values))


def outcome_of(conn: Connection, account_id: int, digest: bytes) -> Outcome | None:
    """What became of a message with these octets; None if none was met."""
    own = (message.c.account_id == account_id) & (message.c.digest == digest)
    found = conn.execute(select(message.c.outcome).where(own)).scalar()
    return Outcome(found) if found is not None else None


def delivered_tx(tx: Tx, met: Met, *, act: bool) -> None:
    """Remember a delivery, in its own transaction. act: something is to be done on the remote.

    Raises AlreadyCollected, NoSuchAccount; the delivery is then undone with this.
    """
    move_on_tx(tx, met.where)
    if not _remember(tx, met, Outcome.DELIVERED, ""):
        raise AlreadyCollected
    if act:
        _plan(tx, met.where)
    _count(tx, met.where.account_id, account.c.collected)


def refused_tx(tx: Tx, met: Met, reason: str) -> None:
    """Remember a message that was not taken; it stays on the remote. Raises NoSuchAccount."""
    move_on_tx(tx, met.where)
    if _remember(tx, met, Outcome.REFUSED, reason):
        _count(tx, met.where.account_id, account.c.refused)


def seen_again_tx(tx: Tx, met: Met, *, act: bool) -> None:
    """A message that is known lies there once more: under another uid, or in another folder. Raises NoSuchAccount."""
    move_on_tx(tx, met.where)
    if act:
        _plan(tx, met.where)


def pending(conn: Connection, account_id: int, name: str, uidvalidity: int) -> list[int]:
    """Uids of messages that were delivered and are still to be flagged or deleted, ascending."""
    own = (todo.c.account_id == account_id) & (todo.c.folder == name) & (todo.c.uidvalidity == uidvalidity)
    return list(conn.execute(select(todo.c.uid).where(own).order_by(todo.c.uid)).scalars())


def done_tx(tx: Tx, account_id: int, name: str, uidvalidity: int, uids: list[int]) -> None:
    """Note that they have been flagged or deleted, and forget uids that mean nothing any more."""
    own = (todo.c.account_id == account_id) & (todo.c.folder == name)
    past = (todo.c.uidvalidity != uidvalidity) | todo.c.uid.in_(uids)
    tx.conn.execute(delete(todo).where(own, past))


def success_tx(tx: Tx, account_id: int) -> None:
    """A visit went well."""
    values = {"last_success_at": tx.now, "trouble": None, "detail": "", "failures": 0, "next_at": None}
    tx.conn.execute(update(account).where(account.c.id == account_id).values(**values))


def failure_tx(tx: Tx, account_id: int, failed: Failed, failures: int, pause_s: float) -> datetime:
    """A visit went wrong; when the next one is due."""
    due = tx.now + timedelta(seconds=pause_s)
    values = {"trouble": failed.trouble.value, "detail": failed.detail, "failures": failures, "next_at": due}
    tx.conn.execute(update(account).where(account.c.id == account_id).values(last_failure_at=tx.now, **values))
    return due


def _require_account(tx: Tx, account_id: int) -> None:
    """Nothing is delivered for an account that was removed while its message was on the way."""
    if tx.conn.execute(select(account.c.id).where(account.c.id == account_id)).first() is None:
        raise NoSuchAccount(account_id)


def _plan(tx: Tx, where: Where) -> None:
    """Note that something is to be done with this message on the remote."""
    place = {"folder": where.folder, "uidvalidity": where.uidvalidity, "uid": where.uid}
    made = insert(tx.conn, todo).values(account_id=where.account_id, **place)
    tx.conn.execute(made.on_conflict_do_nothing())


def _remember(tx: Tx, met: Met, outcome: Outcome, reason: str) -> bool:
    """Insert the row; whether there was none."""
    made = insert(tx.conn, message).values(
        account_id=met.where.account_id,
        digest=met.digest,
        message_id=met.message_id[:LONGEST_ID],
        size=met.size,
        folder=met.where.folder,
        uidvalidity=met.where.uidvalidity,
        uid=met.where.uid,
        outcome=outcome.value,
        reason=reason,
        at=tx.now,
    )
    return tx.conn.execute(made.on_conflict_do_nothing().returning(message.c.uid)).first() is not None


def _count(tx: Tx, account_id: int, column: Any) -> None:
    tx.conn.execute(update(account).where(account.c.id == account_id).values({column: column + 1}))
