"""Notes that clients keep on folders and on the server (RFC 5464): small values under names.

A name is in lower case and begins with "/private/" (each person's own) or "/shared/" (the same for all who may
read it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.errors import TooManyAnnotations
from mailserver.store.tx import Tx

MAX_ENTRIES = 100  # of one person, or shared, on one folder
MAX_NAME = 255  # octets
MAX_VALUE = 32 * 1024  # octets
SERVER = 0  # in place of a folder
EVERYBODY = 0  # in place of a person, on a folder


class Scope(NamedTuple):
    """On what, and whose: a folder's id or SERVER; a principal, EVERYBODY, or `grants.everybody` of an agency."""

    folder_id: int
    principal_id: int


def read(conn: Connection, scope: Scope) -> dict[str, bytes]:
    """All values by name."""
    query = "SELECT name, value FROM annotation WHERE folder_id = ? AND principal_id = ? ORDER BY name"
    return {name: bytes(value) for name, value in raw.rows(conn, query, scope)}


def write_tx(tx: Tx, scope: Scope, values: Mapping[str, bytes | None], owner_id: int | None) -> None:
    """Set values; None removes one. Raises TooManyAnnotations: then nothing has changed.

    owner_id: of the folder; for the server whose they are, None for an agency's. Emits "note.changed" or
    "server_note.changed" with the names, and as `whose` the scope's principal.
    """
    for name in values:
        raw.run(tx.conn, "DELETE FROM annotation WHERE folder_id = ? AND principal_id = ? AND name = ?", (*scope, name))
    rows = [(*scope, name, value) for name, value in values.items() if value is not None]
    query = "SELECT count(*) FROM annotation WHERE folder_id = ? AND principal_id = ?"
    held = raw.row(tx.conn, query, scope)
    if held is not None and rows and int(held[0]) + len(rows) > MAX_ENTRIES:
        raise TooManyAnnotations
    if rows:
        raw.run_many(tx.conn, "INSERT INTO annotation (folder_id, principal_id, name, value) VALUES (?, ?, ?, ?)", rows)
    names, whose = sorted(values), scope.principal_id
    if scope.folder_id == SERVER:
        tx.emit("server_note.changed", owner_id=owner_id, names=names, whose=whose)
    else:
        tx.emit("note.changed", owner_id=owner_id, folder_id=scope.folder_id, names=names, whose=whose)
