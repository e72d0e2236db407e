"""Whose mailboxes stand open to a principal by grants and lists of rights; to tell sessions when it changes hands."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.tx import Tx

_GRANTED = "SELECT owner_id FROM mailbox_grant WHERE grantee_id = ? AND revoked_at IS NULL"
_LISTED = "SELECT folder.owner_id FROM folder_acl acl JOIN folder ON folder.id = acl.folder_id WHERE acl.grantee_id = ?"


def mailboxes(conn: Connection, grantee_id: int) -> list[int]:
    """The owners, by id."""
    found = raw.rows(conn, f"{_GRANTED} UNION {_LISTED}", (grantee_id, grantee_id))
    return sorted(owner_id for (owner_id,) in found)


def tell_tx(tx: Tx, grantee_id: int) -> None:
    """Emit "grant.changed" for each: who is a member of a group, or holds a post, is another now."""
    for owner_id in mailboxes(tx.conn, grantee_id):
        tx.emit("grant.changed", owner_id=owner_id, grantee_id=grantee_id, many=True)
