"""Changing the audit in spite of its guard, to see that the change is found."""

from __future__ import annotations

from mailserver.store import auditguard, raw
from mailserver.store.tx import Tx


def without_guard(tx: Tx) -> None:
    """For the rest of this transaction; on SQLite for good."""
    if raw.is_sqlite(tx.conn):
        for statement in auditguard.SQLITE_DDL:
            name = statement.split()[5]
            raw.run(tx.conn, f"DROP TRIGGER IF EXISTS {name}")
    else:
        raw.run(tx.conn, "SET LOCAL session_replication_role = replica")
