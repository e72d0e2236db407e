"""Shared folders of an agency: made, renamed, given posters, closed; posts put up, taken down and put back.

They lie in the agency's mailbox. Who may design them is for the regulation to say, and asked before.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from mailserver.boards import rights
from mailserver.boards.kinds import (
    BEHAVIOUR,
    BY_MAIL,
    BY_MAIL_LOCAL_PART,
    POSTS,
    READS,
    REMOVED,
    REMOVED_NAME,
    BoardKind,
)
from mailserver.boards.schema import board
from mailserver.directory import grants, groups, principals
from mailserver.store import acl, arrivals, audit, folder_changes, folders, raw, sharing, transfers
from mailserver.store.errors import FolderNameInvalid
from mailserver.store.folder_names import SEPARATOR
from mailserver.store.folders import Folder
from mailserver.store.ingest import Prepared
from mailserver.store.letters import NONE, spelled
from mailserver.store.personal import POSSIBLE
from mailserver.store.tx import Tx


def create_tx(
    tx: Tx, owner_id: int, name: str, kind: BoardKind, posters: Iterable[int], *, keeper_id: int | None = None
) -> Folder:
    """Make a folder that everybody of the agency reads; a plain one of this name becomes it.

    posters: principals, or `grants.everybody`, `grants.in_charge`. keeper_id: whose calendar it is. \\Seen is each
    reader's own in it. Audited. Raises FolderExists (it is a shared folder already, or carries another behaviour),
    FolderNameInvalid.
    """
    found = folders.find(tx.conn, owner_id, name)
    if found is None or found.behaviour is not None:
        found = folders.create_tx(tx, owner_id, name)
    raw.run(tx.conn, "UPDATE folder SET behaviour = ?, personal = ? WHERE id = ?", (BEHAVIOUR, POSSIBLE, found.id))
    values = {"folder_id": found.id, "kind": kind.value, "created_by_id": tx.actor.principal_id, "keeper_id": keeper_id}
    tx.conn.execute(board.insert().values(**values))
    audit.record_tx(tx, "board.created", owner_id=owner_id, folder=found.name, kind=kind.value)
    raw.run(tx.conn, "DELETE FROM folder_acl WHERE folder_id = ?", (found.id,))  # what the level above has given it
    _give_tx(tx, found, grants.everybody(owner_id), READS)
    for poster_id in posters:
        _give_tx(tx, found, poster_id, POSTS)
    return folders.by_id(tx.conn, found.id)


def prepare_tx(tx: Tx, agency_id: int) -> None:
    """Make the address to which posts are sent, unless it is there or somebody else's."""
    there = _by_mail(tx.conn, agency_id)
    wanted = f"{BY_MAIL_LOCAL_PART}@{principals.primary_domain(tx.conn, agency_id)}"
    if there is None and principals.by_address(tx.conn, wanted) is None:
        groups.create_service_tx(tx, agency_id, "Đăng bài vào thư mục chung", BY_MAIL_LOCAL_PART, BY_MAIL)


def address_of(conn: Connection, agency_id: int, folder_id: int) -> str:
    """To which address a post for the folder is sent; "" if the agency has none."""
    found = _by_mail(conn, agency_id)
    if found is None:
        return ""
    local, _at, domain = principals.get(conn, found).address.rpartition("@")
    return f"{local}+{folder_id}@{domain}"


def rename_tx(tx: Tx, folder: Folder, name: str) -> None:
    """Change the last part of the name. Audited. Raises FolderExists, FolderNameInvalid."""
    if SEPARATOR in name:
        raise FolderNameInvalid(name)
    above, separator, _ = folder.name.rpartition(SEPARATOR)
    folder_changes.rename_tx(tx, folder.owner_id, folder.name, above + separator + name, guarded=False)
    audit.record_tx(tx, "board.renamed", owner_id=folder.owner_id, folder=folder.name, name=name)


def retire_tx(tx: Tx, folder: Folder, *, back: bool = False) -> None:
    """Close a folder: it stays readable, nothing more is posted. back: open it again. Audited."""
    when = None if back else tx.now
    tx.conn.execute(board.update().where(board.c.folder_id == folder.id).values(retired_at=when))
    audit.record_tx(tx, "board.reopened" if back else "board.retired", owner_id=folder.owner_id, folder=folder.name)


def add_poster_tx(tx: Tx, folder: Folder, identifier: str) -> None:
    """Let an address of the agency post, or "anyone". Raises GranteeMissing, TooManyShares."""
    sharing.share_tx(tx, folder, identifier, POSTS, "+")


def remove_poster_tx(tx: Tx, folder: Folder, identifier: str) -> None:
    """Who does not post still reads. Raises GranteeMissing."""
    to = sharing.grantee(tx.conn, folder, identifier)
    _give_tx(tx, folder, to.id, READS if to.who is None else NONE)


def post_tx(tx: Tx, folder: Folder, message: Prepared) -> int:
    """Put up a message; its uid. Raises MoveRefused to who may not post."""
    return arrivals.append_tx(tx, folder.id, message, 0, "", tx.now_s)


def take_down_tx(tx: Tx, folder: Folder, uid: int) -> int | None:
    """Take an own post down, to where `put_back_tx` finds it; its uid there, None if it is gone already.

    Audited. Raises MoveRefused for what somebody else has posted.
    """
    behind = _removed_tx(tx, folder.owner_id)
    source, message_pk = folders.lock_tx(tx, (folder.id,))[folder.id], _message_at(tx, folder.id, uid)
    if message_pk is None:
        return None
    rights.require_author(tx, source.ref, (message_pk,))
    audit.record_tx(tx, "board.taken_down", owner_id=folder.owner_id, folder=folder.name, messages=[message_pk])
    return transfers.move_tx(tx, folder.id, (uid,), behind.id, guarded=False)[0][1]


def put_back_tx(tx: Tx, folder: Folder, uid: int) -> None:
    """Put an own post back that was taken down. Audited. Raises MoveRefused for somebody else's."""
    behind = _removed_tx(tx, folder.owner_id)
    message_pk = _message_at(tx, behind.id, uid)
    if message_pk is None:
        return
    rights.require_author(tx, folder.ref, (message_pk,))
    transfers.move_tx(tx, behind.id, (uid,), folder.id, guarded=False)
    audit.record_tx(tx, "board.put_back", owner_id=folder.owner_id, folder=folder.name, messages=[message_pk])


def replace_tx(tx: Tx, folder: Folder, uid: int, message: Prepared) -> int:
    """Put a new version in the place of an own post; the old one is kept where posts lie that were taken down.

    Raises MoveRefused for somebody else's, and as `post_tx`.
    """
    take_down_tx(tx, folder, uid)
    return post_tx(tx, folder, message)


def _give_tx(tx: Tx, folder: Folder, grantee_id: int, letters: frozenset[str]) -> None:
    acl.put_tx(tx, folder.id, grantee_id, letters)
    tx.emit("acl.changed", owner_id=folder.owner_id, folder_id=folder.id, grantee_id=grantee_id)
    who = next(one.identifier for one in sharing.known_grantees(tx.conn, (grantee_id,)))
    action = "folder.shared" if letters else "folder.unshared"
    given = spelled(letters)
    audit.record_tx(tx, action, owner_id=folder.owner_id, folder=folder.name, identifier=who, rights=given)


def _removed_tx(tx: Tx, owner_id: int) -> Folder:
    found = raw.row(tx.conn, "SELECT id FROM folder WHERE owner_id = ? AND behaviour = ?", (owner_id, REMOVED))
    if found is None:
        made = folders.create_tx(tx, owner_id, REMOVED_NAME, behaviour=REMOVED)
        raw.run(tx.conn, "UPDATE folder SET personal = ? WHERE id = ?", (POSSIBLE, made.id))
        return folders.by_id(tx.conn, made.id)
    return folders.by_id(tx.conn, int(found[0]))


def _by_mail(conn: Connection, agency_id: int) -> int | None:
    found = raw.row(conn, "SELECT id FROM principal WHERE agency_id = ? AND service = ?", (agency_id, BY_MAIL))
    return None if found is None else int(found[0])


def _message_at(tx: Tx, folder_id: int, uid: int) -> int | None:
    found = raw.row(tx.conn, "SELECT message_pk FROM entry WHERE folder_id = ? AND uid = ?", (folder_id, uid))
    return None if found is None else int(found[0])
