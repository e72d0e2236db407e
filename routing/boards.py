"""Shared folders as the agency's regulation has them: who designs them, and who posts in which kind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from mailserver.actor import Actor
from mailserver.boards import listing, service
from mailserver.boards.kinds import BoardKind
from mailserver.boards.listing import Board
from mailserver.directory import grants, principals
from mailserver.directory.schema import person, person_role
from mailserver.store.database import Tx
from mailserver.store.errors import Forbidden
from mailserver.store.folders import Folder
from routing.profile import EVERYONE, profile_of
from routing.standing import standing_of

CAPABILITY = "design_boards"


def may_design(conn: Connection, actor: Actor, now: datetime) -> bool:
    standing = standing_of(conn, actor, now)
    return standing.agency_id is not None and standing.can(CAPABILITY, standing.agency_id)


def create_tx(tx: Tx, agency_id: int, name: str, kind: BoardKind, poster: str = "") -> Folder:
    """Make a shared folder of the agency (123/QĐ-SCT, Điều 8). The system itself may always.

    poster: the only one who posts, such as whoever keeps a unit's calendar, or the drafter of one text
    (132/QĐ-STTTT, Điều 7 khoản 1 và 5); "": those whom the regulation names for the kind. Raises Forbidden,
    GranteeMissing, and as `service.create_tx`.
    """
    require_designer(tx, agency_id)
    service.prepare_tx(tx, agency_id)
    owner_id = principals.agency_mailbox(tx.conn, agency_id).id
    made = service.create_tx(tx, owner_id, name, kind, () if poster else posters(tx.conn, agency_id, kind))
    if poster:
        service.add_poster_tx(tx, made, poster)
    return made


def design_tx(tx: Tx, folder_id: int) -> Folder:
    """A shared folder that the actor may change. Raises Forbidden, FolderMissing."""
    found = listing.get(tx.conn, tx.actor, folder_id, tx.now)
    owner = principals.get(tx.conn, found.folder.owner_id)
    require_designer(tx, owner.agency_id)
    return found.folder


def boards(conn: Connection, actor: Actor, now: datetime) -> list[Board]:
    """The shared folders of the actor's agency."""
    assert actor.agency_id is not None
    return listing.boards(conn, actor, principals.agency_mailbox(conn, actor.agency_id).id, now)


def posters(conn: Connection, agency_id: int, kind: BoardKind) -> list[int]:
    """Whom the regulation lets post."""
    roles = profile_of(conn, agency_id).boards.posters(kind)
    if EVERYONE in roles:
        return [grants.everybody(principals.agency_mailbox(conn, agency_id).id)]
    return holding(conn, agency_id, roles)


def holding(conn: Connection, agency_id: int, roles: Collection[str]) -> list[int]:
    """The posts that have any of the roles, and the people who have one themselves."""
    by_post = [post.principal.id for post in principals.posts(conn, agency_id) if post.role in roles]
    own = select(person_role.c.person_id).join(person, person.c.principal_id == person_role.c.person_id)
    own = own.where(person.c.agency_id == agency_id, person_role.c.role.in_(roles)).distinct()
    return [*by_post, *conn.execute(own.order_by(person_role.c.person_id)).scalars()]


def require_designer(tx: Tx, agency_id: int) -> None:
    """Raises Forbidden to who may not design the agency's shared folders; the system itself may always."""
    if tx.actor.is_system or tx.actor.principal_id is None:
        return
    if not standing_of(tx.conn, tx.actor, tx.now).can(CAPABILITY, agency_id):
        raise Forbidden("k")
