"""Transactions: one writer discipline, group commit, events told after the commit."""
# CONTRACT STUB: the store's builder replaces the bodies; signatures stay.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store.behaviours import Behaviours

T = TypeVar("T")


@dataclass(slots=True)
class Tx:
    """An open write transaction. Never wait for the network inside one."""

    conn: Connection
    actor: Actor
    now: datetime
    behaviours: Behaviours
    events: list[Any] = field(default_factory=list)

    def emit(self, kind: str, *, owner_id: int | None = None, folder_id: int | None = None, **data: Any) -> None:
        """Add a row to the event log; readers are woken after the commit."""
        raise NotImplementedError


class Database:
    """One database, SQLite or PostgreSQL, and the discipline of writing to it."""

    def write(self, work: Callable[[Tx], T], actor: Actor) -> T:
        """Run `work` in a transaction of its own; returns after the commit is on disk."""
        raise NotImplementedError

    async def awrite(self, work: Callable[[Tx], T], actor: Actor) -> T:
        """As `write`, off the event loop, sharing one commit with concurrent callers (group commit)."""
        raise NotImplementedError

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read-only snapshot."""
        raise NotImplementedError

    async def aread(self, work: Callable[[Connection], T]) -> T:
        """As `read`, in a worker thread."""
        raise NotImplementedError
