"""Who posts in a shared folder, and whose a post is.

Posters are those whom the folder's own list gives "i" (RFC 4314 §2.1): as themselves, by a post, a unit or a group.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NoReturn

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.boards import posts
from mailserver.boards.words import words
from mailserver.directory import principals
from mailserver.directory.grants import reach_of
from mailserver.store import acl, raw
from mailserver.store.behaviours import FolderRef
from mailserver.store.errors import MoveRefused
from mailserver.store.tx import Tx


def may_post(conn: Connection, actor: Actor, folder_id: int, now: datetime, right: str = "i") -> bool:
    """Of a person; whether the folder is still in use is asked by `retired`. right: "p" to post by mail."""
    assert actor.principal_id is not None
    return right in acl.given_to(conn, folder_id, reach_of(conn, actor.principal_id, now).faces)


def retired(conn: Connection, folder_id: int) -> bool:
    return raw.row(conn, "SELECT 1 FROM board WHERE folder_id = ? AND retired_at IS NOT NULL", (folder_id,)) is not None


def require_author(tx: Tx, folder: FolderRef, message_pks: Collection[int]) -> None:
    """Raises MoveRefused unless all are the actor's own; the program itself may do everything."""
    if tx.actor.principal_id is None:
        return
    of = posts.authors(tx.conn, folder.id, message_pks)
    for message_pk in message_pks:
        author = of.get(message_pk)
        if author != tx.actor.principal_id:
            name = words("nobody", tx.actor.locale) if author is None else principals.get(tx.conn, author).name
            refuse(tx, "not-author", who=name)


def refuse(tx: Tx, key: str, **values: str) -> NoReturn:
    raise MoveRefused(words(key, tx.actor.locale, **values))
