"""Flags that each reader has for himself: where a mailbox's \\Seen or \\Flagged is a personal matter.

`folder.personal` holds the bits that are; all other flags and all keywords are of the message and shared by
everybody. `entry.flags` keeps what somebody sees who has not touched a message; what a reader has changed stands
in `personal_flag` and lies over it. Each such row has a modseq of the folder's own sequence, so that a reader's
sessions learn of it and nobody else's do (RFC 7162): for a reader the modseq of an entry is the later of the two.

The folder's counter `unseen` counts `entry.flags`; `as_seen_by` says what it is for one reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store import raw
from mailserver.store.flags import Flag
from mailserver.store.folders import Folder
from mailserver.store.tx import Tx

POSSIBLE = int(Flag.SEEN | Flag.FLAGGED)
_SEEN = int(Flag.SEEN)
_INSERT = (
    "INSERT INTO personal_flag (folder_id, reader_id, uid, flags, modseq) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (folder_id, reader_id, uid) DO UPDATE SET flags = excluded.flags, modseq = excluded.modseq"
)


class Reader(NamedTuple):
    """Somebody with flags of his own in a folder. bits: which of them are."""

    id: int
    bits: int


class Own(NamedTuple):
    """A reader's own flags on one entry."""

    uid: int
    flags: int
    modseq: int


def reader_of(folder: Folder, actor: Actor) -> Reader | None:
    """None where all flags are shared, and for the system, which reads for nobody."""
    if not folder.personal or actor.principal_id is None:
        return None
    return Reader(actor.principal_id, folder.personal)


def lay_over(conn: Connection, folder_id: int, reader: Reader, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows of `entry` (columns as of `rows.Row`) as the reader sees them."""
    if not rows:
        return []
    query = "SELECT uid, flags, modseq FROM personal_flag WHERE folder_id = ? AND reader_id = ? AND uid BETWEEN ? AND ?"
    span = folder_id, reader.id, rows[0][0], rows[-1][0]
    own = {uid: (flags, modseq) for uid, flags, modseq in raw.rows(conn, query, span)}
    found = []
    for row in rows:
        mine = own.get(row[0])
        if mine is None:
            found.append(row)
            continue
        flags = row[2] & ~reader.bits | mine[0] & reader.bits
        found.append((row[0], row[1], flags, row[3], row[4], row[5], max(row[6], mine[1]), row[7]))
    return found


def changed_since(conn: Connection, folder_id: int, reader: Reader, modseq: int) -> list[int]:
    """The uids, ascending, on which the reader has changed own flags after `modseq`."""
    query = "SELECT uid FROM personal_flag WHERE folder_id = ? AND reader_id = ? AND modseq > ? ORDER BY uid"
    return [uid for (uid,) in raw.rows(conn, query, (folder_id, reader.id, modseq))]


def write_tx(tx: Tx, folder_id: int, reader: Reader, own: Iterable[Own]) -> None:
    """Note a reader's flags on entries."""
    rows = [(folder_id, reader.id, one.uid, one.flags & reader.bits, one.modseq) for one in own]
    if rows:
        raw.run_many(tx.conn, _INSERT, rows)


def split_tx(tx: Tx, folder: Folder, uid: int, flags: int, modseq: int) -> int:
    """Of the flags with which the actor puts an entry into a folder, those that are everybody's; the actor's own
    are noted."""
    reader = reader_of(folder, tx.actor)
    if reader is None:
        return flags
    if flags & reader.bits:
        write_tx(tx, folder.id, reader, (Own(uid, flags, modseq),))
    return flags & ~reader.bits


def drop_tx(tx: Tx, folder: Folder, uids: Sequence[int]) -> None:
    """Forget what readers had on entries that go away."""
    if folder.personal:
        condition, params = raw.among_uids(tx.conn, uids)
        raw.run(tx.conn, f"DELETE FROM personal_flag WHERE folder_id = ? AND {condition}", (folder.id, *params))


def follow_tx(tx: Tx, source_id: int, target_id: int, pairs: Sequence[tuple[int, int]], bits: int, modseq: int) -> None:
    """Give copies within one mailbox what every reader had on the originals.

    pairs: (uid there, uid here), ascending. bits: flags that may come along.
    """
    condition, params = raw.among_uids(tx.conn, [pair[0] for pair in pairs])
    query = f"SELECT reader_id, uid, flags FROM personal_flag WHERE folder_id = ? AND {condition}"
    here = dict(pairs)
    found = raw.rows(tx.conn, query, (source_id, *params))
    rows = [(target_id, reader_id, here[uid], flags & bits, modseq) for reader_id, uid, flags in found]
    if rows:
        raw.run_many(tx.conn, _INSERT, rows)


def as_seen_by(conn: Connection, folders: Sequence[Folder], actor: Actor) -> list[Folder]:
    """The folders with `unseen` counted for the actor; asks only where \\Seen is personal."""
    asked = [folder.id for folder in folders if folder.personal & _SEEN]
    if not asked or actor.principal_id is None:
        return list(folders)
    condition, numbers = raw.among(conn, "p.folder_id", asked)
    query = (
        f"SELECT p.folder_id, sum((e.flags & {_SEEN}) - (p.flags & {_SEEN})) FROM personal_flag p"
        " JOIN entry e ON e.folder_id = p.folder_id AND e.uid = p.uid"
        f" WHERE {condition} AND p.reader_id = ? GROUP BY p.folder_id"
    )
    more = {folder_id: int(shift) for folder_id, shift in raw.rows(conn, query, (numbers, actor.principal_id))}
    return [replace(one, unseen=one.unseen + more[one.id]) if one.id in more else one for one in folders]
