"""Records of the audit as values, and as JSON that shows by itself whether it is as it was written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.store import audit, raw
from mailserver.store.columns import from_milliseconds

# The names of a record's JSON.
KEYS = ("id", "at", "actor_id", "on_behalf_of_id", "action", "owner_id", "detail", "prev_hash", "hash")


class NotARecord(ValueError):
    """What should be a record's JSON is none."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. at_ms: milliseconds since 1970. The names are those of the table `audit`."""

    id: int
    at_ms: int
    actor_id: int | None
    on_behalf_of_id: int | None
    action: str
    owner_id: int | None
    detail: Mapping[str, Any]
    prev_hash: bytes
    hash: bytes

    @property
    def at(self) -> datetime:
        """Aware, UTC."""
        return from_milliseconds(self.at_ms)

    @property
    def is_sound(self) -> bool:
        """Whether it is as it was written, given the record before it."""
        facts = (self.id, self.at_ms, self.actor_id, self.on_behalf_of_id, self.action, self.owner_id)
        return audit.sealed(self.prev_hash, facts, dict(self.detail)) == self.hash

    def to_json(self) -> dict[str, Any]:
        """Hashes in hexadecimal; the other values as they are hashed."""
        facts = (self.id, self.at_ms, self.actor_id, self.on_behalf_of_id, self.action, self.owner_id)
        return dict(zip(KEYS, (*facts, dict(self.detail), self.prev_hash.hex(), self.hash.hex()), strict=True))


def from_json(value: Any) -> Record:
    """What `to_json` gave. Raises NotARecord."""
    if not isinstance(value, dict) or set(value) != set(KEYS):
        raise NotARecord
    numbers, texts = (value["id"], value["at"]), (value["action"], value["prev_hash"], value["hash"])
    optional = (value["actor_id"], value["on_behalf_of_id"], value["owner_id"])
    if not all(type(one) is int for one in numbers) or not all(isinstance(one, str) for one in texts):
        raise NotARecord
    if not all(one is None or type(one) is int for one in optional) or not isinstance(value["detail"], dict):
        raise NotARecord
    try:
        hashes = bytes.fromhex(value["prev_hash"]), bytes.fromhex(value["hash"])
    except ValueError:
        raise NotARecord from None
    prev_hash, hash_ = hashes
    (identifier, at_ms), (action, *_hashes), (actor_id, on_behalf_of_id, owner_id) = numbers, texts, optional
    return Record(identifier, at_ms, actor_id, on_behalf_of_id, action, owner_id, value["detail"], prev_hash, hash_)


def about(conn: Connection, owner_id: int, actions: Collection[str], since_ms: int) -> list[Record]:
    """The records of these actions about a mailbox or account from a time on, the oldest first."""
    marks = ", ".join("?" for _ in actions)
    query = f"{audit.COLUMNS}WHERE owner_id = ? AND at >= ? AND action IN ({marks}) ORDER BY id"
    return [of(row) for row in raw.rows(conn, query, (owner_id, since_ms, *actions))]


def page(conn: Connection, after: int, last: int, most: int) -> list[Record]:
    """The next records behind `after`, up to `last`, in the order of the chain."""
    query = f"{audit.COLUMNS}WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
    return [of(row) for row in raw.rows(conn, query, (after, last, most))]


def of_ids(conn: Connection, ids: Collection[int]) -> dict[int, Record]:
    """Those that exist, by id."""
    if not ids:
        return {}
    condition, numbers = raw.among(conn, "id", ids)
    return {row[0]: of(row) for row in raw.rows(conn, f"{audit.COLUMNS}WHERE {condition}", (numbers,))}


def of(row: Sequence[Any]) -> Record:
    """From a row of `audit.COLUMNS`."""
    identifier, at_ms, actor_id, on_behalf_of_id, action, owner_id, detail, prev_hash, hash_ = row
    read = raw.from_json(detail)
    return Record(identifier, at_ms, actor_id, on_behalf_of_id, action, owner_id, read, bytes(prev_hash), bytes(hash_))
