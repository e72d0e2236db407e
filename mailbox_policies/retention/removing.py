"""Removing what was told of in time and whose day has come: into the vault, with a record of what it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from mailbox_policies.retention import listing
from mailbox_policies.retention.listing import PAGE, WEEK
from mailbox_policies.retention.terms import Terms
from mailserver.actor import SYSTEM
from mailserver.store import audit, folders, raw
from mailserver.store.columns import milliseconds
from mailserver.store.database import Database
from mailserver.store.errors import FolderMissing, MoveRefused
from mailserver.store.removal import expunge_tx
from mailserver.store.tx import Tx

log = structlog.get_logger("vanthu.retention")


def remove(db: Database, agency_id: int, terms: Terms, now: datetime) -> int:
    """Remove what is due in an agency, folder by folder; how many messages went."""
    count, at = 0, (0, 0)
    while True:
        found = db.read(partial(_ready, agency_id=agency_id, now=now, after=at))
        if not found:
            return count
        at = found[-1]
        for folder_id in dict.fromkeys(folder for folder, _item in found):
            ids = [item for folder, item in found if folder == folder_id]
            work = partial(remove_tx, agency_id=agency_id, terms=terms, folder_id=folder_id, item_ids=ids, now=now)
            try:
                count += db.write(work, SYSTEM)
            except (FolderMissing, MoveRefused) as error:
                log.warning("mail past its time stays", folder=folder_id, error=repr(error))


def remove_tx(tx: Tx, agency_id: int, terms: Terms, folder_id: int, item_ids: Sequence[int], now: datetime) -> int:
    """Remove those of a folder's items that are due now and that nothing holds. Raises FolderMissing, MoveRefused."""
    folder = folders.lock_tx(tx, (folder_id,))[folder_id]
    ready = set(_not_asked(tx.conn, item_ids))
    found = listing.standing_tx(tx, agency_id, terms, item_ids, now)
    due = [one for one in found if one.moment <= now and one.item_id in ready]
    if not due:
        return 0
    gone = set(expunge_tx(tx, folder_id, [one.uid for one in due]))
    condition, numbers = raw.among(tx.conn, "id", [one.item_id for one in due])
    raw.run(tx.conn, f"DELETE FROM retention_item WHERE {condition}", (numbers,))
    messages = [one.message_pk for one in due if one.uid in gone]
    what: dict[str, Any] = {"folder": folder.name, "kind": due[0].kind.value, "messages": messages}
    audit.record_tx(tx, "retention.removed", owner_id=folder.owner_id, agency_id=agency_id, **what)
    return len(gone)


_NOT_ASKED = "(asked_at IS NULL OR decided_at IS NOT NULL)"


def _ready(conn: Connection, agency_id: int, now: datetime, after: tuple[int, int]) -> list[tuple[int, int]]:
    """(folder, item) told of a week ago, due, and with no request open; in this order behind `after`."""
    query = (
        "SELECT folder_id, id FROM retention_item WHERE agency_id = ? AND told_at <= ? AND due_at <= ?"
        f" AND {_NOT_ASKED} AND (folder_id, id) > (?, ?) ORDER BY folder_id, id LIMIT ?"
    )
    params = (agency_id, milliseconds(now - WEEK), milliseconds(now), *after, PAGE)
    return [(folder_id, item_id) for folder_id, item_id in raw.rows(conn, query, params)]


def _not_asked(conn: Connection, item_ids: Sequence[int]) -> list[int]:
    """Those of the items for which nobody waits for an answer at this moment."""
    condition, numbers = raw.among(conn, "id", item_ids)
    rows = raw.rows(conn, f"SELECT id FROM retention_item WHERE {condition} AND {_NOT_ASKED}", (numbers,))
    return [row[0] for row in rows]
