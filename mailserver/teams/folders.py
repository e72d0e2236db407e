"""The folders of a unit's mailbox in which its people work: moving mail there is an act."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from mailserver.directory.records import Kind, Status
from mailserver.directory.schema import principal
from mailserver.store import folders, raw
from mailserver.store.errors import FolderMissing
from mailserver.store.folder_names import INBOX
from mailserver.store.schema import folder
from mailserver.store.tx import Tx

WORKING, ENDED = BEHAVIOURS = ("teams.working", "teams.ended")
NAMES = {WORKING: "Đang xử lý", ENDED: "Xong"}
# Whose mail is shared by several people as a matter of course.
SHARED = (Kind.UNIT,)


def prepare_tx(tx: Tx, owner_id: int) -> None:
    """Make the folders of a unit's mailbox; a folder of the same name that is there becomes the one.

    May be run again: what is there stays.
    """
    for behaviour, name in NAMES.items():
        if folder_of(tx.conn, owner_id, behaviour) is not None:
            continue
        found = folders.find(tx.conn, owner_id, name)
        if found is None:
            folders.create_tx(tx, owner_id, name, behaviour=behaviour)
        elif found.behaviour is None:
            tx.conn.execute(update(folder).where(folder.c.id == found.id).values(behaviour=behaviour))


def prepare_all_tx(tx: Tx) -> int:
    """Those of all units that have none yet: made by an older version, say. How many there were."""
    missing = unprepared(tx.conn)
    for owner_id in missing:
        prepare_tx(tx, owner_id)
    return len(missing)


def unprepared(conn: Connection) -> list[int]:
    prepared = select(folder.c.owner_id).where(folder.c.behaviour == ENDED)
    kinds = [kind.value for kind in SHARED]
    wanted = (principal.c.kind.in_(kinds), principal.c.status != Status.LEFT.value, principal.c.id.not_in(prepared))
    return list(conn.execute(select(principal.c.id).where(*wanted).order_by(principal.c.id)).scalars())


def require_shared(conn: Connection, owner_id: int) -> None:
    """Raises FolderMissing for a mailbox that has no folders of work."""
    kind = conn.execute(select(principal.c.kind).where(principal.c.id == owner_id)).scalar()
    if kind not in {one.value for one in SHARED}:
        raise FolderMissing(str(owner_id))


def folder_of(conn: Connection, owner_id: int, behaviour: str) -> int | None:
    found = raw.row(
        conn, "SELECT id FROM folder WHERE owner_id = ? AND behaviour = ? ORDER BY id LIMIT 1", (owner_id, behaviour)
    )
    return None if found is None else int(found[0])


def inbox_of(conn: Connection, owner_id: int) -> int:
    return folders.get(conn, owner_id, INBOX).id


def uid_in(conn: Connection, folder_id: int, message_pk: int) -> int | None:
    """Where a message lies in a folder; the first place, if it lies there twice."""
    query = "SELECT min(uid) FROM entry WHERE folder_id = ? AND message_pk = ?"
    found = raw.row(conn, query, (folder_id, message_pk))
    return None if found is None or found[0] is None else int(found[0])
