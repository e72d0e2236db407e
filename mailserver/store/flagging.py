"""STORE: changing the flags of entries (RFC 3501 §6.4.6, RFC 7162 §3.1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, unique
from typing import NamedTuple

from mailserver.store import personal, raw
from mailserver.store.counters import Change, apply_tx
from mailserver.store.flags import Flag, joined, split
from mailserver.store.folders import Folder, lock_tx
from mailserver.store.passing import ask_deletion
from mailserver.store.personal import Own, Reader, reader_of
from mailserver.store.rows import Row, of_uids
from mailserver.store.tx import Tx

_DELETED = int(Flag.DELETED)


@unique
class FlagChange(Enum):
    SET = "set"
    ADD = "add"
    REMOVE = "remove"


class Stored(NamedTuple):
    """rows: every entry asked for that exists, as it is now; failed: uids changed after `unchanged_since`."""

    rows: list[Row]
    failed: list[int]


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
    rows = of_uids(tx.conn, folder_id, uids, reader)
    failed: list[int] = []
    if unchanged_since is not None:
        failed = [row.uid for row in rows if row.modseq > unchanged_since]
        rows = [row for row in rows if row.modseq <= unchanged_since]
    modseq = folder.highestmodseq + 1
    after = _changed(rows, change, int(flags), keywords, modseq)
    differing = [(old, new) for old, new in zip(rows, after, strict=True) if new is not old]
    if differing:
        if folder.behaviour:
            struck = {old.message_pk for old, new in differing if (old.flags ^ new.flags) & _DELETED}
            ask_deletion(tx, folder.ref, struck)
        told = [new.uid for _, new in differing]
        if reader is not None:
            differing = _keep_own(tx, folder, reader, differing, modseq)
        _write(tx, folder, differing, modseq, told)
    return Stored(after, failed)


def _keep_own(
    tx: Tx, folder: Folder, reader: Reader, differing: list[tuple[Row, Row]], modseq: int
) -> list[tuple[Row, Row]]:
    """Write what is the reader's own of these changes; what is left of them for the entries themselves."""
    changed = [new for old, new in differing if (old.flags ^ new.flags) & reader.bits]
    personal.write_tx(tx, folder.id, reader, (Own(new.uid, new.flags, modseq) for new in changed))
    wanted = {new.uid: new for _, new in differing}
    left = []
    for base in of_uids(tx.conn, folder.id, wanted):
        new = wanted[base.uid]
        common = base.flags & reader.bits | new.flags & ~reader.bits
        if (common, new.keywords) != (base.flags, base.keywords):
            left.append((base, _with_flags(base, (common, new.keywords), modseq)))
    return left


def _changed(rows: list[Row], change: FlagChange, flags: int, keywords: Sequence[str], modseq: int) -> list[Row]:
    """The rows as they will be; those that stay as they are, are the same objects.

    Entries of a folder have few different sets of flags: each is worked out once.
    """
    known: dict[tuple[int, str], tuple[int, str]] = {}
    after = []
    for row in rows:
        before = (row.flags, row.keywords)
        wanted = known.get(before)
        if wanted is None:
            wanted = known[before] = _applied(before, change, flags, keywords)
        after.append(row if wanted == before else _with_flags(row, wanted, modseq))
    return after


def _with_flags(row: Row, wanted: tuple[int, str], modseq: int) -> Row:
    return Row(row[0], row[1], wanted[0], wanted[1], row[4], row[5], modseq, row[7])


def _applied(before: tuple[int, str], change: FlagChange, flags: int, keywords: Sequence[str]) -> tuple[int, str]:
    old_flags, old_keywords = before
    if change is FlagChange.SET:
        return flags, joined(keywords)
    if change is FlagChange.ADD:
        return old_flags | flags, joined([*split(old_keywords), *keywords]) if keywords else old_keywords
    gone = {keyword.lower() for keyword in keywords}
    kept = [keyword for keyword in split(old_keywords) if keyword.lower() not in gone]
    return old_flags & ~flags, joined(kept)


def _write(tx: Tx, folder: Folder, differing: list[tuple[Row, Row]], modseq: int, told: list[int]) -> None:
    by_flags: dict[tuple[int, str], list[int]] = {}
    for _, new in differing:
        by_flags.setdefault((new.flags, new.keywords), []).append(new.uid)
    for (flags, keywords), uids in by_flags.items():
        condition, params = raw.among_uids(tx.conn, uids)
        raw.run(
            tx.conn,
            f"UPDATE entry SET flags = ?, keywords = ?, modseq = ? WHERE folder_id = ? AND {condition}",
            (flags, keywords, modseq, folder.id, *params),
        )
    apply_tx(tx, (_counted(folder, differing, modseq),))
    tx.emit("message.flagged", owner_id=folder.owner_id, folder_id=folder.id, modseq=modseq, uids=told)
    if added := _added(differing):
        tx.emit("keywords.added", owner_id=folder.owner_id, folder_id=folder.id, modseq=modseq, added=added)


def _added(differing: Iterable[tuple[Row, Row]]) -> dict[str, list[tuple[int, int]]]:
    """Uid and message of what has got each keyword: who reads it later may not find the entries any more."""
    added: dict[str, list[tuple[int, int]]] = {}
    for old, new in differing:
        if new.keywords != old.keywords:
            for keyword in sorted(set(split(new.keywords)) - set(split(old.keywords))):
                added.setdefault(keyword, []).append((new.uid, new.message_pk))
    return added


def _counted(folder: Folder, differing: Iterable[tuple[Row, Row]], modseq: int) -> Change:
    change = Change(folder.id, modseq, folder.uidnext)
    for old, new in differing:
        change.removing(old.flags, 0).adding(new.flags, 0)
    return change
