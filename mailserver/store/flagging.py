"""STORE: changing the flags of entries (RFC 3501 §6.4.6, RFC 7162 §3.1.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum, unique
from itertools import compress
from operator import ne
from typing import NamedTuple

from mailserver.store import personal, raw
from mailserver.store.counters import Change, apply_tx
from mailserver.store.flags import Flag, joined, split
from mailserver.store.folders import Folder, lock_tx
from mailserver.store.passing import ask_deletion
from mailserver.store.personal import Own, Reader, reader_of
from mailserver.store.rows import Marks, marks_of
from mailserver.store.tx import Tx

_DELETED = int(Flag.DELETED)


@unique
class FlagChange(Enum):
    SET = "set"
    ADD = "add"
    REMOVE = "remove"


class Stored(NamedTuple):
    """marks: every entry asked for that exists, as it is now; failed: uids changed after `unchanged_since`;
    modseq: of the change, 0 if nothing changed."""

    marks: Marks
    failed: Sequence[int]
    modseq: int


class _Difference(NamedTuple):
    """Entries that change, in parallel lists: their flags and keywords before and after."""

    uids: Sequence[int]
    message_pks: Sequence[int]
    before: Sequence[tuple[int, str]]
    after: Sequence[tuple[int, str]]

    def where(self, wanted: Sequence[bool]) -> _Difference:
        return _Difference(
            list(compress(self.uids, wanted)),
            list(compress(self.message_pks, wanted)),
            list(compress(self.before, wanted)),
            list(compress(self.after, wanted)),
        )


def store_flags_tx(
    tx: Tx,
    folder_id: int,
    uids: Sequence[int],
    change: FlagChange,
    flags: int,
    keywords: Sequence[str] = (),
    unchanged_since: int | None = None,
) -> Stored:
    """Set, add or remove flags and keywords of entries; one modseq for all that really change.

    unchanged_since: a modseq; entries changed after it are left alone and reported. Uids that are
    gone are skipped. Flags that are personal in the folder are changed for the actor only. Raises
    FolderMissing, KeywordsInvalid, MoveRefused (the folder's behaviour refuses a change of \\Deleted).
    """
    folder = lock_tx(tx, (folder_id,))[folder_id]
    reader = reader_of(folder, tx.actor)
    marks = marks_of(tx.conn, folder_id, uids, reader)
    failed: Sequence[int] = []
    if unchanged_since is not None:
        failed = marks.where([modseq > unchanged_since for modseq in marks.modseqs]).uids
        marks = marks.where([modseq <= unchanged_since for modseq in marks.modseqs])
    before = list(zip(marks.flags, marks.keywords, strict=True))
    after = _changed(before, change, int(flags), keywords)
    differs = list(map(ne, before, after))
    if not any(differs):
        return Stored(marks, failed, 0)
    modseq = folder.highestmodseq + 1
    difference = _Difference(marks.uids, marks.message_pks, before, after).where(differs)
    if folder.behaviour:
        ask_deletion(tx, folder.ref, _struck(difference))
    told = difference.uids
    if reader is not None:
        difference = _keep_own(tx, folder, reader, difference, modseq)
    _write(tx, folder, difference, modseq, told)
    new_flags, new_keywords = zip(*after, strict=True)
    modseqs = [modseq if new else old for new, old in zip(differs, marks.modseqs, strict=True)]
    return Stored(Marks(marks.uids, marks.message_pks, new_flags, new_keywords, modseqs), failed, modseq)


def _struck(difference: _Difference) -> set[int]:
    """The messages whose \\Deleted changes."""
    both = zip(difference.message_pks, difference.before, difference.after, strict=True)
    return {message_pk for message_pk, old, new in both if (old[0] ^ new[0]) & _DELETED}


def _keep_own(tx: Tx, folder: Folder, reader: Reader, difference: _Difference, modseq: int) -> _Difference:
    """Write what is the reader's own of these changes; what is left of them for the entries themselves."""
    own = [
        Own(uid, new[0], modseq)
        for uid, _, old, new in zip(*difference, strict=True)
        if (old[0] ^ new[0]) & reader.bits
    ]
    personal.write_tx(tx, folder.id, reader, own)
    base = marks_of(tx.conn, folder.id, difference.uids)
    before = list(zip(base.flags, base.keywords, strict=True))
    after = [
        (old & reader.bits | new & ~reader.bits, keywords)
        for old, (new, keywords) in zip(base.flags, difference.after, strict=True)
    ]
    return _Difference(base.uids, base.message_pks, before, after).where(list(map(ne, before, after)))


def _changed(
    before: Sequence[tuple[int, str]], change: FlagChange, flags: int, keywords: Sequence[str]
) -> list[tuple[int, str]]:
    """Entries of a folder have few different sets of flags: each is worked out once."""
    wanted = {one: _applied(one, change, flags, keywords) for one in set(before)}
    return list(map(wanted.__getitem__, before))


def _applied(before: tuple[int, str], change: FlagChange, flags: int, keywords: Sequence[str]) -> tuple[int, str]:
    old_flags, old_keywords = before
    if change is FlagChange.SET:
        return flags, joined(keywords)
    if change is FlagChange.ADD:
        return old_flags | flags, joined([*split(old_keywords), *keywords]) if keywords else old_keywords
    gone = {keyword.lower() for keyword in keywords}
    kept = [keyword for keyword in split(old_keywords) if keyword.lower() not in gone]
    return old_flags & ~flags, joined(kept)


def _write(tx: Tx, folder: Folder, difference: _Difference, modseq: int, told: Sequence[int]) -> None:
    for (flags, keywords), uids in _by_mark(difference):
        condition, params = raw.among_uids(tx.conn, uids)
        raw.run(
            tx.conn,
            f"UPDATE entry SET flags = ?, keywords = ?, modseq = ? WHERE folder_id = ? AND {condition}",
            (flags, keywords, modseq, folder.id, *params),
        )
    counted = Change(folder.id, modseq, folder.uidnext)
    for (old, new), entries in Counter(zip(difference.before, difference.after, strict=True)).items():
        counted.marking(old[0], new[0], entries)
    apply_tx(tx, (counted,))
    tx.emit("message.flagged", owner_id=folder.owner_id, folder_id=folder.id, modseq=modseq, uids=told)
    if added := _added(difference):
        tx.emit("keywords.added", owner_id=folder.owner_id, folder_id=folder.id, modseq=modseq, added=added)


def _added(difference: _Difference) -> dict[str, list[tuple[int, int]]]:
    """Uid and message of what has got each keyword: who reads it later may not find the entries any more."""
    added: dict[str, list[tuple[int, int]]] = {}
    for uid, message_pk, (_, old), (_, new) in zip(*difference, strict=True):
        if new != old:
            for keyword in sorted(set(split(new)) - set(split(old))):
                added.setdefault(keyword, []).append((uid, message_pk))
    return added


def _by_mark(difference: _Difference) -> Iterable[tuple[tuple[int, str], Sequence[int]]]:
    """Which uids are to have which flags and keywords."""
    marks = set(difference.after)
    if len(marks) == 1:  # nearly always
        return [(marks.pop(), difference.uids)]
    by_mark: dict[tuple[int, str], list[int]] = {}
    for mark, uid in zip(difference.after, difference.uids, strict=True):
        by_mark.setdefault(mark, []).append(uid)
    return by_mark.items()
