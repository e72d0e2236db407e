"""Finding text in one column of messages, where no index helps: any part of a subject or an address."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from mailserver.store import raw

# Folded texts of table `message` (see `mailserver.text.fold`).
COLUMNS = frozenset(("subject_folded", "from_folded", "to_folded", "cc_folded", "bcc_folded"))


def span(message_pks: Collection[int]) -> tuple[int, int] | None:
    """The lowest and the highest, where the messages are nearly all of this range: reading through it is then quicker
    than looking each of them up. None otherwise, or without any."""
    if not message_pks:
        return None
    low, high = min(message_pks), max(message_pks)
    return (low, high) if high - low < 2 * len(message_pks) else None


def containing(conn: Connection, message_pks: Collection[int], column: str, folded: str) -> set[int]:
    """Those of the messages whose `column` (of COLUMNS) has `folded` anywhere in it."""
    if column not in COLUMNS:
        raise ValueError(f"no such column: {column}")
    if not message_pks:
        return set()
    position = f"instr({column}, ?)" if raw.is_sqlite(conn) else f"strpos({column}, ?)"
    if (range_ := span(message_pks)) is not None:
        query = f"SELECT id FROM message WHERE id BETWEEN ? AND ? AND {position} > 0"
        found = {row[0] for row in raw.rows(conn, query, (*range_, folded))}
        return found.intersection(message_pks)
    condition, numbers = raw.among(conn, "id", message_pks)
    query = f"SELECT id FROM message WHERE {condition} AND {position} > 0"
    return {row[0] for row in raw.rows(conn, query, (numbers, folded))}
