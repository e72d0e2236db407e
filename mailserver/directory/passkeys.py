"""Passkeys of people: kept, used, renamed, removed (W3C Web Authentication Level 3).

A passkey is a key in a person's device, which signs a challenge of ours for a page of ours only: nothing is typed
that could be told to a wrong page. What devices answer is read by `passkey_answers`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, delete, select, update

from mailserver.directory import rows
from mailserver.directory.errors import DirectoryError
from mailserver.directory.passkey_schema import passkey, passkey_spent
from mailserver.directory.records import Kind
from mailserver.directory.version import bump_tx
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.store.upsert import insert

if TYPE_CHECKING:
    from mailserver.directory.passkey_proofs import NewKey

# Of one person: a phone, a computer, a key on the ring, each twice, and some to spare.
MOST = 10
# A challenge is answered while its window is open.
CHALLENGE_LASTS = timedelta(minutes=5)
LONGEST_LABEL = 100
_HANDLE_OCTETS = 32


class TooManyPasskeys(DirectoryError):
    """MOST are kept of this person already."""


class PasskeyTaken(DirectoryError):
    """This passkey is kept already."""


class NoSuchPasskey(DirectoryError):
    """This person has no such passkey."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """One, as its person sees it. blocked_at: since when it opens nothing, for there seems to be a copy of it."""

    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None
    blocked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Used:
    """A passkey that has proved itself, and whose it is."""

    principal_id: int
    passkey_id: int
    label: str


def of(conn: Connection, person_id: int) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    table = passkey.c
    columns = (table.id, table.label, table.created_at, table.last_used_at, table.blocked_at)
    found = conn.execute(select(*columns).where(table.principal_id == person_id).order_by(table.id))
    return [Passkey(*row) for row in found]


def descriptors(conn: Connection, person_id: int) -> list[tuple[bytes, str]]:
    """A person's usable passkeys as browsers know them: name, and the ways to it."""
    own = (passkey.c.principal_id == person_id, passkey.c.blocked_at.is_(None))
    found = conn.execute(select(passkey.c.credential_id, passkey.c.transports).where(*own).order_by(passkey.c.id))
    return [(row.credential_id, row.transports) for row in found]


def handle_of(conn: Connection, person_id: int) -> bytes:
    """What stands for the person in devices; new random octets for who has no passkey yet."""
    own = select(passkey.c.handle).where(passkey.c.principal_id == person_id).limit(1)
    return conn.execute(own).scalar() or secrets.token_bytes(_HANDLE_OCTETS)


def owner_of(conn: Connection, credential_id: bytes) -> int | None:
    """Whose passkey has this name, which anybody may say."""
    return conn.execute(select(passkey.c.principal_id).where(passkey.c.credential_id == credential_id)).scalar()


def spend_tx(tx: Tx, challenge: bytes) -> bool:
    """Whether a challenge is answered for the first time; afterwards it is worthless, whatever the answer was."""
    spent = {"digest": hashlib.sha256(challenge).digest(), "expires_at": tx.now + 2 * CHALLENGE_LASTS}
    first = insert(tx.conn, passkey_spent).values(**spent).on_conflict_do_nothing().returning(passkey_spent.c.digest)
    return tx.conn.execute(first).first() is not None


def add_tx(tx: Tx, person_id: int, handle: bytes, key: NewKey, label: str) -> int:
    """Keep a new passkey of a person; its number. Emits "passkey.added": the person is told by mail.

    Raises TooManyPasskeys, PasskeyTaken, NoSuchPrincipal.
    """
    bump_tx(tx)  # all wait in line: two at once cannot both be the last one
    rows.require(tx.conn, person_id, Kind.PERSON)
    if len(of(tx.conn, person_id)) >= MOST:
        raise TooManyPasskeys(person_id)
    if owner_of(tx.conn, key.credential_id) is not None:
        raise PasskeyTaken(person_id)
    made = {
        "principal_id": person_id,
        "credential_id": key.credential_id,
        "handle": handle,
        "public_key": key.public_key,
        "sign_count": key.sign_count,
        "label": label[:LONGEST_LABEL],
        "transports": key.transports[:100],
        "created_at": tx.now,
    }
    passkey_id = rows.add(tx.conn, passkey, **made)
    _tell_tx(tx, "passkey.added", person_id, passkey_id, label[:LONGEST_LABEL])
    return passkey_id


def use_tx(tx: Tx, used: Used, count: int) -> bool:
    """Write down that a passkey was used; whether it may open anything. To be committed whatever the answer.

    A counter that has not grown means that there is a copy of the device (WebAuthn-3 §6.1.1): the passkey is blocked
    and "passkey.copied" emitted; its person is told by mail, and makes a new one.
    """
    here = passkey.c.id == used.passkey_id
    row = tx.conn.execute(select(passkey.c.sign_count, passkey.c.blocked_at).where(here).with_for_update()).first()
    if row is None or row.blocked_at is not None:
        return False
    if (count or row.sign_count) and count <= row.sign_count:
        tx.conn.execute(update(passkey).where(here).values(blocked_at=tx.now))
        _tell_tx(tx, "passkey.copied", used.principal_id, used.passkey_id, used.label)
        return False
    tx.conn.execute(update(passkey).where(here).values(sign_count=count, last_used_at=tx.now))
    audit.record_tx(tx, "passkey.used", owner_id=used.principal_id, passkey_id=used.passkey_id, label=used.label)
    return True


def rename_tx(tx: Tx, person_id: int, passkey_id: int, label: str) -> None:
    """Call one of a person's passkeys otherwise. Raises NoSuchPasskey."""
    own = _own(person_id, passkey_id)
    if tx.conn.execute(update(passkey).where(*own).values(label=label[:LONGEST_LABEL])).rowcount == 0:
        raise NoSuchPasskey(passkey_id)
    audit.record_tx(tx, "passkey.renamed", owner_id=person_id, passkey_id=passkey_id, label=label[:LONGEST_LABEL])


def remove_tx(tx: Tx, person_id: int, passkey_id: int) -> str:
    """Forget one of a person's passkeys; what it was called. Emits "passkey.removed". Raises NoSuchPasskey."""
    own = _own(person_id, passkey_id)
    label = tx.conn.execute(select(passkey.c.label).where(*own)).scalar()
    if label is None:
        raise NoSuchPasskey(passkey_id)
    tx.conn.execute(delete(passkey).where(*own))
    _tell_tx(tx, "passkey.removed", person_id, passkey_id, label)
    return str(label)


def remove_all_tx(tx: Tx, person_id: int) -> int:
    """Forget all of a person's passkeys; how many there were. Who calls tells the person."""
    gone = int(tx.conn.execute(delete(passkey).where(passkey.c.principal_id == person_id)).rowcount)
    if gone:
        audit.record_tx(tx, "passkey.all_removed", owner_id=person_id, count=gone)
    return gone


def sweep_tx(tx: Tx) -> int:
    """Forget answered challenges that are too old to be answered again; how many."""
    return int(tx.conn.execute(delete(passkey_spent).where(passkey_spent.c.expires_at <= tx.now)).rowcount)


def _own(person_id: int, passkey_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return passkey.c.id == passkey_id, passkey.c.principal_id == person_id


def _tell_tx(tx: Tx, act: str, person_id: int, passkey_id: int, label: str) -> None:
    tx.emit(act, owner_id=person_id, label=label, remote=tx.actor.remote)
    audit.record_tx(tx, act, owner_id=person_id, passkey_id=passkey_id, label=label)
