"""Who has opened a mailbox that is not theirs, and by what right: noted when it happens, shown to the owner."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from mailserver.directory import offices
from mailserver.directory.grants import reach_of
from mailserver.store import audit, raw
from mailserver.store.columns import from_milliseconds
from mailserver.store.folders import Folder
from mailserver.store.tx import Tx

OPENED = "mailbox.opened"


@unique
class Ground(StrEnum):
    """Equal to its word in the audit. OFFICE: a post, the head of the unit, the registry. GRANT: a delegation.
    FOLDER: the folder's own list of rights."""

    OFFICE = "office"
    GRANT = "grant"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Opening:
    """at: aware, UTC. folder: its name. ground: None for records older than this. door: "imap" or "web"."""

    at: datetime
    owner_id: int
    person: str
    folder: str
    ground: Ground | None
    door: str


def note_tx(tx: Tx, folder: Folder) -> None:
    """Note that somebody reads in a mailbox not their own; a door calls it once a session and folder."""
    person_id = tx.actor.principal_id
    if person_id in (None, folder.owner_id):
        return
    assert person_id is not None
    audit.record_tx(
        tx, OPENED, owner_id=folder.owner_id, folder=folder.name, ground=_ground(tx, person_id, folder.owner_id).value
    )


def _ground(tx: Tx, person_id: int, owner_id: int) -> Ground:
    if owner_id in offices.implied_rights(tx.conn, person_id, tx.now):
        return Ground.OFFICE
    return Ground.GRANT if owner_id in reach_of(tx.conn, person_id, tx.now).rights else Ground.FOLDER


def of(conn: Connection, owner_ids: Collection[int], limit: int) -> list[Opening]:
    """The newest first."""
    if not owner_ids:
        return []
    condition, owners = raw.among(conn, "a.owner_id", owner_ids)
    query = (
        "SELECT a.at, a.owner_id, p.name, a.detail FROM audit a JOIN principal p ON p.id = a.actor_id"
        f" WHERE {condition} AND a.action = ? ORDER BY a.id DESC LIMIT ?"
    )
    return [_opening(*row) for row in raw.rows(conn, query, (owners, OPENED, limit))]


def _opening(at: int, owner_id: int, person: str, detail: object) -> Opening:
    known = raw.from_json(detail)
    ground = known.get("ground")
    when = from_milliseconds(at)
    return Opening(when, owner_id, person, known.get("folder", ""), Ground(ground) if ground else None, known["door"])
