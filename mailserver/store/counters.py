"""The counters of a folder, moved together with its entries: one statement however many folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailserver.store import raw
from mailserver.store.flags import Flag
from mailserver.store.tx import Tx

_SEEN, _DELETED = int(Flag.SEEN), int(Flag.DELETED)  # plain numbers: enum arithmetic is slow
_UPDATE = (
    "UPDATE folder SET uidnext = ?, highestmodseq = ?, messages = messages + ?, unseen = unseen + ?,"
    " deleted = deleted + ?, size = size + ? WHERE id = ?"
)


@dataclass(slots=True)
class Change:
    """What one call does to a folder that it has locked. Counts are differences."""

    folder_id: int
    highestmodseq: int
    uidnext: int
    messages: int = 0
    unseen: int = 0
    deleted: int = 0
    size: int = 0

    def adding(self, flags: int, size: int) -> Change:
        """Count one entry more."""
        return self._count(flags, size, 1)

    def removing(self, flags: int, size: int) -> Change:
        """Count one entry less."""
        return self._count(flags, size, -1)

    def marking(self, before: int, after: int, entries: int) -> Change:
        """Count entries whose flags change from one set to another."""
        self.unseen += entries * ((not after & _SEEN) - (not before & _SEEN))
        self.deleted += entries * (bool(after & _DELETED) - bool(before & _DELETED))
        return self

    def _count(self, flags: int, size: int, by: int) -> Change:
        self.messages += by
        self.size += by * size
        if not flags & _SEEN:
            self.unseen += by
        if flags & _DELETED:
            self.deleted += by
        return self


def apply_tx(tx: Tx, changes: Iterable[Change]) -> None:
    """Write the changes. The folders are locked by the caller (`folders.lock_tx`)."""
    raw.run_many(
        tx.conn,
        _UPDATE,
        [(c.uidnext, c.highestmodseq, c.messages, c.unseen, c.deleted, c.size, c.folder_id) for c in changes],
    )
