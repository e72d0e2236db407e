"""Which folders a person's mail programs show (RFC 3501 §6.3.6): names as the person sees them.

Folders that others share are shown unless the person has unsubscribed from them: nobody subscribes to what they do not
see. That somebody has is kept as a row whose name begins with "/", which no folder's does.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.errors import FolderNameInvalid
from mailserver.store.folder_names import OTHER_USERS, SEPARATOR, SHARED, spelled
from mailserver.store.tx import Tx

MAX_NAME = 999  # characters; with the mark what the column holds
_MARK = SEPARATOR
_INSERT = "INSERT INTO subscription (principal_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
_DELETE = "DELETE FROM subscription WHERE principal_id = ? AND name = ?"


class Chosen(NamedTuple):
    """What a person has subscribed to, and unsubscribed from of what others share."""

    names: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()

    def shows(self, name: str, own: bool) -> bool:
        """Whether an existing folder is shown. own: it is in the person's own mailbox."""
        return name in self.names or (not own and name not in self.unwanted)


def subscribe_tx(tx: Tx, principal_id: int, name: str) -> None:
    """Put a name on the principal's list, whether there is such a folder or not. Raises FolderNameInvalid: too long."""
    name = spelled(name)
    if len(name) > MAX_NAME:
        raise FolderNameInvalid(name)
    shown = raw.run(tx.conn, _DELETE, (principal_id, _MARK + name))
    if raw.run(tx.conn, _INSERT, (principal_id, name)) or shown:
        tx.emit("folder.subscribed", owner_id=principal_id, name=name)


def forget_tx(tx: Tx, principal_id: int, name: str) -> None:
    """Take a name off, as after the deletion of a folder: another one of that name is shown as any other."""
    name = spelled(name)
    shown = raw.run(tx.conn, _DELETE, (principal_id, _MARK + name))
    if raw.run(tx.conn, _DELETE, (principal_id, name)) or shown:
        tx.emit("folder.unsubscribed", owner_id=principal_id, name=name)


def unsubscribe_tx(tx: Tx, principal_id: int, name: str) -> None:
    """Take a name off; a folder that somebody shares is then not shown either."""
    name = spelled(name)
    gone = raw.run(tx.conn, _DELETE, (principal_id, name))
    if is_shared(name) and len(name) <= MAX_NAME:
        gone += raw.run(tx.conn, _INSERT, (principal_id, _MARK + name))
    if gone:
        tx.emit("folder.unsubscribed", owner_id=principal_id, name=name)


def is_shared(name: str) -> bool:
    """Whether a name would be that of a folder in somebody else's mailbox."""
    return name.startswith((OTHER_USERS + SEPARATOR, SHARED + SEPARATOR))


def chosen(conn: Connection, principal_id: int) -> Chosen:
    found = raw.rows(conn, "SELECT name FROM subscription WHERE principal_id = ?", (principal_id,))
    names = frozenset(row[0] for row in found)
    marked = frozenset(name for name in names if name.startswith(_MARK))
    return Chosen(names - marked, frozenset(name.removeprefix(_MARK) for name in marked))
