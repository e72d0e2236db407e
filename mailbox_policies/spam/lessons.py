"""What readers say of mail, from which the worker learns: a row for each message of a mailbox; the last word counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.tx import Tx

SPAM, HAM = "spam", "ham"

_WISH = (
    "INSERT INTO spam_lesson (owner_id, message_pk, wish, waiting, actor_id, at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (owner_id, message_pk) DO UPDATE SET wish = excluded.wish, actor_id = excluded.actor_id,"
    " at = excluded.at, waiting = (coalesce(spam_lesson.learned, '') <> excluded.wish)"
)
_KEPT = (
    "INSERT INTO spam_lesson (owner_id, message_pk, wish, waiting, at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (owner_id, message_pk) DO NOTHING"
)
_COLUMNS = "SELECT id, owner_id, message_pk, wish, learned, scopes FROM spam_lesson "


@dataclass(frozen=True, slots=True)
class Lesson:
    """wish: "spam" or "ham". learned: as which it is counted in `scopes` now, None for not at all."""

    id: int
    owner_id: int
    message_pk: int
    wish: str
    learned: str | None
    scopes: tuple[int, ...]


def wish_tx(tx: Tx, owner_id: int, message_pks: Iterable[int], wish: str, actor_id: int | None) -> None:
    """Note what a reader says of messages by moving them; saying the same again changes nothing."""
    rows = [(owner_id, pk, wish, True, actor_id, tx.now_ms) for pk in sorted(set(message_pks))]
    if rows:
        raw.run_many(tx.conn, _WISH, rows)


def kept_tx(tx: Tx, kept: Iterable[tuple[int, int]]) -> None:
    """Note (mailbox, message) of mail that was read and left: wanted, unless somebody has said something of it."""
    rows = [(owner_id, message_pk, HAM, True, tx.now_ms) for owner_id, message_pk in sorted(set(kept))]
    if rows:
        raw.run_many(tx.conn, _KEPT, rows)


def unwanted_among(conn: Connection, owner_id: int, message_pks: Collection[int]) -> set[int]:
    """Those of these messages of which a reader of the mailbox has said last that they are unwanted."""
    if not message_pks:
        return set()
    condition, numbers = raw.among(conn, "message_pk", message_pks)
    query = f"SELECT message_pk FROM spam_lesson WHERE owner_id = ? AND wish = ? AND {condition}"
    return {row[0] for row in raw.rows(conn, query, (owner_id, SPAM, numbers))}


def waiting(conn: Connection, most: int) -> list[Lesson]:
    """The oldest that are not counted as they are wished."""
    return [_lesson(row) for row in raw.rows(conn, _COLUMNS + "WHERE waiting ORDER BY id LIMIT ?", (most,))]


def lock_tx(tx: Tx, ids: Collection[int]) -> list[Lesson]:
    """Those of these that still wait, for this transaction alone."""
    condition, numbers = raw.among(tx.conn, "id", ids)
    lock = "" if raw.is_sqlite(tx.conn) else " FOR UPDATE"
    query = f"{_COLUMNS}WHERE {condition} AND waiting ORDER BY id{lock}"
    return [_lesson(row) for row in raw.rows(tx.conn, query, (numbers,))]


def settle_tx(tx: Tx, lesson: Lesson, learned: str | None, scopes: Collection[int]) -> None:
    """It is counted as this in these scopes now, and nothing waits."""
    raw.run(
        tx.conn,
        "UPDATE spam_lesson SET learned = ?, scopes = ?, waiting = ? WHERE id = ?",
        (learned, raw.to_json(list(scopes)), False, lesson.id),
    )


def drop_tx(tx: Tx, lesson_id: int) -> None:
    raw.run(tx.conn, "DELETE FROM spam_lesson WHERE id = ?", (lesson_id,))


def _lesson(row: tuple[int, int, int, str, str | None, object]) -> Lesson:
    scopes = raw.from_json(row[5]) if row[5] is not None else ()
    return Lesson(row[0], row[1], row[2], row[3], row[4], tuple(scopes))
