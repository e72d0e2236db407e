"""Reading the entries of a folder: whole, by uid, or what has changed since a modseq."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.folders import Folder, by_id
from mailserver.store.personal import Reader, changed_since, lay_over
from mailserver.store.tombstones import vanished_since


class Row(NamedTuple):
    """One entry. flags: bits of `flags.Flag`; keywords: sorted, one space between, "" for none;
    dates: seconds since 1970, UTC; size: octets of the message."""

    uid: int
    message_pk: int
    flags: int
    keywords: str
    internal_date: int
    save_date: int
    modseq: int
    size: int


SELECT_ROWS = "SELECT uid, message_pk, flags, keywords, internal_date, save_date, modseq, size FROM entry "


class Snapshot:
    """A folder's entries in parallel lists by ascending uid, as of one moment."""

    __slots__ = (
        "flags",
        "folder",
        "internal_dates",
        "keywords",
        "message_pks",
        "modseqs",
        "save_dates",
        "sizes",
        "uids",
    )

    def __init__(self, folder: Folder, found: Sequence[Any]) -> None:
        columns: Iterable[Sequence[Any]] = zip(*found, strict=True) if found else [()] * 8
        lists = [list(column) for column in columns]
        self.folder = folder
        self.uids: list[int] = lists[0]
        self.message_pks: list[int] = lists[1]
        self.flags: list[int] = lists[2]
        self.keywords: list[str] = lists[3]
        self.internal_dates: list[int] = lists[4]
        self.save_dates: list[int] = lists[5]
        self.modseqs: list[int] = lists[6]
        self.sizes: list[int] = lists[7]

    def __len__(self) -> int:
        return len(self.uids)

    def __iter__(self) -> Iterator[Row]:
        return map(
            Row,
            self.uids,
            self.message_pks,
            self.flags,
            self.keywords,
            self.internal_dates,
            self.save_dates,
            self.modseqs,
            self.sizes,
        )


def snapshot(conn: Connection, folder_id: int, reader: Reader | None = None) -> Snapshot:
    """reader: whose own flags to show, see `personal`. Raises FolderMissing."""
    folder = by_id(conn, folder_id)
    found = raw.rows(conn, SELECT_ROWS + "WHERE folder_id = ? ORDER BY uid", (folder_id,))
    return Snapshot(folder, found if reader is None else lay_over(conn, folder_id, reader, found))


def of_uids(conn: Connection, folder_id: int, uids: Iterable[int], reader: Reader | None = None) -> list[Row]:
    """The entries with these uids that exist, by ascending uid. reader: whose own flags to show."""
    wanted = sorted(set(uids))
    if not wanted:
        return []
    condition, params = raw.among_uids(conn, wanted)
    query = f"{SELECT_ROWS}WHERE folder_id = ? AND {condition} ORDER BY uid"
    found = raw.rows(conn, query, (folder_id, *params))
    return list(map(Row._make, found if reader is None else lay_over(conn, folder_id, reader, found)))


class Marks(NamedTuple):
    """Flags and keywords of some entries of a folder, in parallel sequences by ascending uid; see `Row`."""

    uids: Sequence[int]
    message_pks: Sequence[int]
    flags: Sequence[int]
    keywords: Sequence[str]
    modseqs: Sequence[int]

    def where(self, wanted: Sequence[bool]) -> Marks:
        """Those for which `wanted`, as long as each of these, says so."""
        return Marks(
            list(compress(self.uids, wanted)),
            list(compress(self.message_pks, wanted)),
            list(compress(self.flags, wanted)),
            list(compress(self.keywords, wanted)),
            list(compress(self.modseqs, wanted)),
        )


_NO_MARKS = Marks((), (), (), (), ())


def marks_of(conn: Connection, folder_id: int, uids: Iterable[int], reader: Reader | None = None) -> Marks:
    """As `of_uids`, without what no change of flags asks for."""
    wanted = sorted(set(uids))
    if not wanted:
        return _NO_MARKS
    if reader is not None:
        found: Sequence[Any] = [(*row[:4], row.modseq) for row in of_uids(conn, folder_id, wanted, reader)]
    else:
        condition, params = raw.among_uids(conn, wanted)
        columns = "SELECT uid, message_pk, flags, keywords, modseq FROM entry"
        found = raw.rows(conn, f"{columns} WHERE folder_id = ? AND {condition} ORDER BY uid", (folder_id, *params))
    return Marks(*zip(*found, strict=True)) if found else _NO_MARKS


class Changes(NamedTuple):
    """rows: new or changed entries by uid; expunged: uids gone, ascending, and perhaps others that are not there;
    highestmodseq: of the folder now."""

    rows: list[Row]
    expunged: list[int]
    highestmodseq: int


def changes_since(conn: Connection, folder_id: int, modseq: int, reader: Reader | None = None) -> Changes:
    """What has changed after `modseq` (RFC 7162 §3.2.5), for a reader with own flags as it is for him.

    Raises FolderMissing.
    """
    folder = by_id(conn, folder_id)
    if folder.highestmodseq <= modseq:
        return Changes([], [], folder.highestmodseq)
    after = "WHERE folder_id = ? AND modseq > ? ORDER BY uid"
    changed = raw.rows(conn, SELECT_ROWS + after, (folder_id, modseq))
    rows = list(map(Row._make, changed))
    if reader is not None:
        uids = {row.uid for row in rows}.union(changed_since(conn, folder_id, reader, modseq))
        rows = of_uids(conn, folder_id, uids, reader)
    gone = [uid for span in vanished_since(conn, folder, modseq) for uid in span]
    return Changes(rows, gone, folder.highestmodseq)
