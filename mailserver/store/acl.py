"""The lists of rights that single folders have (RFC 4314), as rows: who gets what, and whom to tell.

`access` turns them, with the rights on whole mailboxes, into an answer; `sharing` changes them for people.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.letters import NONE, Letters, spelled
from mailserver.store.tx import Tx


def shared_with(conn: Connection, faces: Collection[int]) -> dict[int, dict[int, Letters]]:
    """By owner and folder id, the letters given to any of these principals."""
    if not faces:
        return {}
    condition, grantees = raw.among(conn, "acl.grantee_id", faces)
    query = (
        "SELECT folder.owner_id, acl.folder_id, acl.rights FROM folder_acl acl"
        f" JOIN folder ON folder.id = acl.folder_id WHERE {condition}"
    )
    found: dict[int, dict[int, Letters]] = {}
    for owner_id, folder_id, rights in raw.rows(conn, query, (grantees,)):
        of_owner = found.setdefault(owner_id, {})
        of_owner[folder_id] = of_owner.get(folder_id, NONE) | frozenset(rights)
    return found


def given_to(conn: Connection, folder_id: int, faces: Collection[int]) -> Letters:
    """The letters that a folder's list gives to any of these principals."""
    if not faces:
        return NONE
    condition, grantees = raw.among(conn, "grantee_id", faces)
    query = f"SELECT rights FROM folder_acl WHERE folder_id = ? AND {condition}"
    return NONE.union(*(rights for (rights,) in raw.rows(conn, query, (folder_id, grantees))))


def list_of(conn: Connection, folder_id: int) -> dict[int, Letters]:
    """A folder's own list: grantee to letters."""
    found = raw.rows(conn, "SELECT grantee_id, rights FROM folder_acl WHERE folder_id = ?", (folder_id,))
    return {grantee_id: frozenset(rights) for grantee_id, rights in found}


def put_tx(tx: Tx, folder_id: int, grantee_id: int, letters: Letters) -> None:
    """Write one row of a folder's list; no letters take it out."""
    raw.run(tx.conn, "DELETE FROM folder_acl WHERE folder_id = ? AND grantee_id = ?", (folder_id, grantee_id))
    if letters:
        row = folder_id, grantee_id, spelled(letters)
        raw.run(tx.conn, "INSERT INTO folder_acl (folder_id, grantee_id, rights) VALUES (?, ?, ?)", row)
