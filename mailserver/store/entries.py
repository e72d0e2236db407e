"""What can be done with the entries of a folder. The doors and the other rooms import from here."""

from mailserver.store.arrivals import Delivered, Target, append_tx, deliver_tx
from mailserver.store.flagging import FlagChange, Stored, store_flags_tx
from mailserver.store.removal import expunge_tx
from mailserver.store.rows import Changes, Marks, Row, Snapshot, changes_since, of_uids, snapshot
from mailserver.store.tombstones import vanished_since
from mailserver.store.transfers import copy_tx, move_tx

__all__ = [
    "Changes",
    "Delivered",
    "FlagChange",
    "Marks",
    "Row",
    "Snapshot",
    "Stored",
    "Target",
    "append_tx",
    "changes_since",
    "copy_tx",
    "deliver_tx",
    "expunge_tx",
    "move_tx",
    "of_uids",
    "snapshot",
    "store_flags_tx",
    "vanished_since",
]
