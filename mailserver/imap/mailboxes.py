"""Folders by the name the client uses, with the rights of the person signed in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.imap.errors import NOT_ALLOWED, READ_ONLY, Refusal
from mailserver.imap.session import Session
from mailserver.store import access, namespaces, openings
from mailserver.store.folders import Folder


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder and the actor's RFC 4314 letters on it."""

    folder: Folder
    rights: frozenset[str]


def find(conn: Connection, actor: Actor, name: str) -> Mailbox:
    """The folder, whatever the actor may do with it: follow with `must_have`. Raises FolderMissing."""
    return Mailbox(*namespaces.resolve(conn, actor, name))


def must_have(mailbox: Mailbox, right: str) -> None:
    """Raises Forbidden; FolderMissing where the actor may not know of the folder (RFC 4314 §6)."""
    access.check(mailbox.rights, right, mailbox.folder.name)


def must_write(session: Session, right: str) -> None:
    """Refuse a change to the folder that is open. Raises Refusal [READ-ONLY] or [NOPERM]."""
    if session.selected.read_only:
        raise Refusal(READ_ONLY)
    if right not in session.selected.rights:
        raise Refusal(NOT_ALLOWED)


def demand(conn: Connection, session: Session, right: str) -> None:
    """Check a right on the open folder as it stands in this transaction: grants end while folders are
    open. Raises Forbidden, FolderMissing."""
    access.require(conn, session.actor, session.selected.folder, right)


def rights_now(conn: Connection, session: Session) -> frozenset[str]:
    """The rights on the open folder as they stand in this transaction."""
    return access.rights_on(conn, session.actor, session.selected.folder)


async def note_opening(session: Session, folder: Folder) -> None:
    """Leave an audit entry when somebody opens a folder of a mailbox not their own, or puts something into it,
    once a session and folder."""
    if folder.owner_id == session.principal_id or folder.id in session.opened:
        return
    await session.write(lambda tx: openings.note_tx(tx, folder))
    session.opened.add(folder.id)
