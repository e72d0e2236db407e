"""Shared folders as a person sees them: the list with what is unread, one folder's posts, and who has read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailserver.actor import Actor
from mailserver.boards import posts
from mailserver.boards.kinds import POSTS, BoardKind
from mailserver.boards.rights import may_post
from mailserver.boards.schema import board
from mailserver.directory import principals
from mailserver.store import access, acl, folders, listing, raw
from mailserver.store.errors import FolderMissing
from mailserver.store.flags import Flag
from mailserver.store.folders import Folder
from mailserver.store.listing import Line
from mailserver.store.personal import as_seen_by, reader_of
from mailserver.store.schema import folder as folder_table
from mailserver.store.sharing import Grantee, known_grantees

MOST_POSTS = 100


@dataclass(frozen=True, slots=True)
class Board:
    """folder: with `unseen` counted for the reader. posting: whether the reader may post."""

    folder: Folder
    kind: BoardKind
    retired: bool
    posting: bool


@dataclass(frozen=True, slots=True)
class Post:
    """author: a name, "" for nobody's. readers: how many people have read it, the author aside."""

    line: Line
    author: str
    own: bool
    readers: int


def boards(conn: Connection, actor: Actor, owner_id: int, now: datetime) -> list[Board]:
    """Those of an agency's mailbox that the actor may read, those in use first, then by name."""
    query = select(board.c.folder_id).join(folder_table, folder_table.c.id == board.c.folder_id)
    ids = conn.execute(query.where(folder_table.c.owner_id == owner_id)).scalars().all()
    found = [one for one in folders.of_ids(conn, ids) if "r" in access.rights_on(conn, actor, one, now)]
    seen = [_board(conn, actor, one, now) for one in as_seen_by(conn, found, actor)]
    return sorted(seen, key=lambda one: (one.retired, one.folder.name))


def get(conn: Connection, actor: Actor, folder_id: int, now: datetime) -> Board:
    """Raises FolderMissing, also for who may not read it and for folders that are no shared ones."""
    found = folders.by_id(conn, folder_id)
    if "r" not in access.rights_on(conn, actor, found, now):
        raise FolderMissing(str(folder_id))
    return _board(conn, actor, as_seen_by(conn, [found], actor)[0], now)


def posts_of(conn: Connection, actor: Actor, folder: Folder) -> list[Post]:
    """The newest posts of a folder that the actor may read."""
    lines = listing.lines(conn, folder.id, limit=MOST_POSTS, reader=reader_of(folder, actor))
    written = posts.authors(conn, folder.id, [one.message_pk for one in lines])
    names = principals.get_many(conn, set(written.values()))
    read = _readers(conn, folder.id, {one.uid: written.get(one.message_pk) for one in lines})
    found = []
    for line in lines:
        author = written.get(line.message_pk)
        name = names[author].name if author in names else ""
        found.append(Post(line, name, author == actor.principal_id, read.get(line.uid, 0)))
    return found


def posters_of(conn: Connection, folder: Folder) -> list[Grantee]:
    """Whom the folder's list lets post, everybody first, then by address."""
    ids = [grantee_id for grantee_id, letters in acl.list_of(conn, folder.id).items() if letters >= POSTS]
    return sorted(known_grantees(conn, ids), key=lambda one: (one.who is not None, one.identifier))


def _board(conn: Connection, actor: Actor, found: Folder, now: datetime) -> Board:
    row = conn.execute(select(board.c.kind, board.c.retired_at).where(board.c.folder_id == found.id)).first()
    if row is None:
        raise FolderMissing(found.name)
    retired = row.retired_at is not None
    return Board(found, BoardKind(row.kind), retired, not retired and may_post(conn, actor, found.id, now))


def _readers(conn: Connection, folder_id: int, authors: dict[int, int | None]) -> dict[int, int]:
    """By uid, how many people have read, the author aside."""
    if not authors:
        return {}
    condition, uids = raw.among(conn, "uid", authors)
    query = (
        "SELECT uid, reader_id FROM personal_flag"
        f" WHERE folder_id = ? AND flags & {int(Flag.SEEN)} <> 0 AND {condition}"
    )
    found: dict[int, int] = {}
    for uid, reader_id in raw.rows(conn, query, (folder_id, uids)):
        if reader_id != authors[uid]:
            found[uid] = found.get(uid, 0) + 1
    return found
