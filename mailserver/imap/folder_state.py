"""What a process knows of one folder, and the chain of changes its sessions follow.

Each change is a `Step`; steps form a chain that only points forward. A session holds the step up to
which it has been told, so steps that every session has passed are freed by themselves, and a
sleeping session costs the uids of what it missed, never a copy of the folder.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mailserver.imap.rows import EntryRow, FlagColumns, Rows


@dataclass(slots=True)
class Step:
    """One change: uids whose flags changed, uids that went away.

    origin: the session that made the change and has already answered for it, or None.
    """

    changed: Sequence[int] = ()
    expunged: Sequence[int] = ()
    origin: object | None = None
    next: Step | None = None


@dataclass(slots=True)
class FolderState:
    """rows: all entries as of `modseq`. last: the newest step (an empty one at first)."""

    folder_id: int
    rows: Rows
    modseq: int
    last: Step = field(default_factory=Step)

    def apply(
        self,
        changed: Sequence[EntryRow],
        expunged: Sequence[int],
        modseq: int,
        origin: object | None = None,
    ) -> bool:
        """Take over what the store says happened after `self.modseq` (or before it), up to `modseq`.

        News that is no news changes nothing: a reader may have looked before others told of more.
        Returns whether there was any.
        """
        if modseq <= self.modseq:
            return False
        self._go_on(Step(self._update(changed), self._drop(expunged), origin), modseq)
        return True

    def apply_flags(self, marks: FlagColumns, modseq: int, origin: object | None = None) -> bool:
        """`apply` where nothing but flags of known entries has changed."""
        if modseq <= self.modseq:
            return False
        self._go_on(Step(self.rows.mark(marks), (), origin), modseq)
        return True

    def _go_on(self, step: Step, modseq: int) -> None:
        self.modseq = modseq
        self.last.next = step
        self.last = step

    def _update(self, changed: Sequence[EntryRow]) -> list[int]:
        """Flags of known entries, and new entries at the end; returns the uids of the former."""
        rows = self.rows
        newest = rows.uids[-1] if rows.uids else 0
        ordered = sorted(changed, key=lambda row: row.uid)
        known = ordered[: bisect_right(ordered, newest, key=lambda row: row.uid)]
        for row in ordered[len(known) :]:
            rows.append(row)
        return rows.mark(_flags_of(known))

    def _drop(self, expunged: Sequence[int]) -> list[int]:
        gone = self.rows.indexes(sorted(set(expunged)))
        if not gone:
            return []
        uids = [self.rows.uids[index] for index in gone]
        self.rows = self.rows.without(gone)
        return uids


class _Flags(NamedTuple):
    uids: list[int]
    flags: list[int]
    keywords: list[str]
    modseqs: list[int]


def _flags_of(rows: Sequence[EntryRow]) -> _Flags:
    return _Flags(
        [row.uid for row in rows],
        [row.flags for row in rows],
        [row.keywords for row in rows],
        [row.modseq for row in rows],
    )
