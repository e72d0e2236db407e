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
    if not message_pks:
        return set()
    condition, numbers = raw.among(conn, "id", message_pks)
    query = f"SELECT id FROM message WHERE {condition} AND {_has(conn, column)}"
    return {row[0] for row in raw.rows(conn, query, (numbers, folded))}


def containing_in_range(conn: Connection, span: tuple[int, int], column: str, folded: str) -> set[int]:
    """As `containing`, for the messages from span[0] to span[1] whatever their folders: the caller leaves out what is
    not in the folder that may be read."""
    query = f"SELECT id FROM message WHERE id BETWEEN ? AND ? AND {_has(conn, column)}"
    return {row[0] for row in raw.rows(conn, query, (*span, folded))}


def _has(conn: Connection, column: str) -> str:
    if column not in COLUMNS:
        raise ValueError(f"no such column: {column}")
    return f"{'instr' if raw.is_sqlite(conn) else 'strpos'}({column}, ?) > 0"
