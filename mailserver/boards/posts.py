"""Who has written what in shared folders."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.tx import Tx


def authors(conn: Connection, folder_id: int, message_pks: Collection[int]) -> dict[int, int]:
    """By message, the person who posted it; those of nobody are left out."""
    if not message_pks:
        return {}
    condition, numbers = raw.among(conn, "message_pk", message_pks)
    query = f"SELECT message_pk, author_id FROM board_post WHERE folder_id = ? AND {condition}"
    return dict(raw.rows(conn, query, (folder_id, numbers)))


def note_tx(tx: Tx, folder_id: int, message_pks: Collection[int], author_id: int) -> None:
    """These are the author's from now on; one that lies in the folder already stays whose it is."""
    for message_pk in message_pks:
        lies = raw.row(
            tx.conn, "SELECT 1 FROM entry WHERE folder_id = ? AND message_pk = ? LIMIT 1", (folder_id, message_pk)
        )
        if lies is None:
            row = folder_id, message_pk, author_id, tx.now_ms
            raw.run(
                tx.conn,
                "INSERT INTO board_post (folder_id, message_pk, author_id, posted_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (folder_id, message_pk)"
                " DO UPDATE SET author_id = excluded.author_id, posted_at = excluded.posted_at",
                row,
            )
