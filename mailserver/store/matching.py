"""Finding text in one column of messages, where no index helps: any part of a subject or an address."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from mailserver.store import raw

# Folded texts of table `message` (see `mailserver.text.fold`).
COLUMNS = frozenset(("subject_folded", "from_folded", "to_folded", "cc_folded", "bcc_folded"))


def containing(conn: Connection, message_pks: Collection[int], column: str, folded: str) -> set[int]:
    """Those of the messages whose `column` (of COLUMNS) has `folded` anywhere in it."""
    if column not in COLUMNS:
        raise ValueError(f"no such column: {column}")
    if not message_pks:
        return set()
    position = f"instr({column}, ?)" if raw.is_sqlite(conn) else f"strpos({column}, ?)"
    low, high = min(message_pks), max(message_pks)
    if high - low < 2 * len(message_pks):  # nearly all of a range: a scan is faster than single look-ups
        query = f"SELECT id FROM message WHERE id BETWEEN ? AND ? AND {position} > 0"
        found = {row[0] for row in raw.rows(conn, query, (low, high, folded))}
        return found.intersection(message_pks)
    condition, numbers = raw.among(conn, "id", message_pks)
    query = f"SELECT id FROM message WHERE {condition} AND {position} > 0"
    return {row[0] for row in raw.rows(conn, query, (numbers, folded))}
