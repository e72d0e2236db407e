"""The audit log: rows that are only added, each sealed with the hash of the one before.

Whoever changes, removes or reorders a record breaks the chain from there on; cutting off the end is
seen by comparing with a head kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.tx import Tx

_FIRST = bytes(32)
_PAGE = 10_000
# One audited transaction at a time takes the next number; "VTAU" as a number.
_POSTGRESQL_LOCK = 0x56544155
COLUMNS = "SELECT id, at, actor_id, on_behalf_of_id, action, owner_id, detail, prev_hash, hash FROM audit "


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record; kept elsewhere, it shows whether the end was cut off. id 0: no record yet."""

    id: int
    hash: bytes


def record_tx(
    tx: Tx, action: str, *, owner_id: int | None = None, on_behalf_of_id: int | None = None, **detail: Any
) -> None:
    """Add a record of what the actor does, in the same transaction.

    action: dotted name, "mailbox.opened". owner_id: whose mailbox or account it is about. detail: what
    JSON can hold; never a secret.
    """
    if not raw.is_sqlite(tx.conn):
        raw.run(tx.conn, "SELECT pg_advisory_xact_lock(?)", (_POSTGRESQL_LOCK,))
    before = head(tx.conn)
    facts = (before.id + 1, tx.now_ms, tx.actor.principal_id, on_behalf_of_id, action, owner_id)
    known = {key: value for key, value in (("door", tx.actor.door), ("remote", tx.actor.remote)) if value}
    full = {**known, **detail}
    raw.run(
        tx.conn,
        "INSERT INTO audit (id, at, actor_id, on_behalf_of_id, action, owner_id, detail, prev_hash, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*facts, raw.to_json(full), before.hash, sealed(before.hash, facts, full)),
    )


def managed_tx(tx: Tx, action: str, owner_id: int, folder: str, **detail: Any) -> None:
    """Note that somebody made, renamed or removed a folder in a mailbox not their own."""
    if tx.actor.principal_id not in (None, owner_id):
        record_tx(tx, action, owner_id=owner_id, folder=folder, **detail)


def head(conn: Connection) -> Head:
    found = raw.row(conn, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
    return Head(found[0], found[1]) if found else Head(0, _FIRST)


def verify(conn: Connection, kept: Head | None = None) -> int | None:
    """The id of the first record that is not as it was written, or is missing; None if all are in order.

    kept: a head noted earlier; without it nobody can tell that the newest records were cut off.
    """
    expected = Head(0, _FIRST)
    while True:
        page = raw.rows(conn, COLUMNS + "WHERE id > ? ORDER BY id LIMIT ?", (expected.id, _PAGE))
        for *facts, detail, prev_hash, hash_ in page:
            if facts[0] != expected.id + 1:
                return expected.id + 1
            if prev_hash != expected.hash or hash_ != sealed(prev_hash, facts, raw.from_json(detail)):
                return int(facts[0])
            if kept is not None and kept.id == facts[0] and kept.hash != hash_:
                return int(facts[0])
            expected = Head(facts[0], hash_)
        if len(page) < _PAGE:
            break
    return expected.id + 1 if kept is not None and kept.id > expected.id else None


def sealed(prev_hash: bytes, facts: Any, detail: dict[str, Any]) -> bytes:
    """The hash of a record. facts: id, at (milliseconds since 1970), actor, on behalf of, action, owner."""
    canonical = json.dumps([*facts, detail], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(prev_hash + canonical.encode()).digest()
