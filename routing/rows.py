"""Small things that several modules do with rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, insert

from mailserver.store.database import Tx


def insert_tx(tx: Tx, table: Table, **values: Any) -> int:
    """Insert one row; its id."""
    return int(tx.conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())
