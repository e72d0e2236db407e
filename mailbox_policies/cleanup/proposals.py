"""Mail of a mailbox that its owner may want to delete: large, old, twice there, newsletters, junk.

Left out are what registers, queues and decisions hold (`message.pins`), what is kept under an order, mail with a
star, folders with a behaviour, drafts, and what lies in Trash already (123/QĐ-SCT, Điều 6 khoản 2).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, unique

from sqlalchemy import Connection

from mailbox_policies.retention import holds
from mailserver.mime.listed import chooser
from mailserver.store import messages, raw
from mailserver.store.flags import Flag
from mailserver.store.folder_names import JUNK, TRASH

# RFC 4314 §2.1: who reads, inserts and removes in a mailbox may choose what of it is deleted, and take it back.
NEEDS = frozenset("rite")
LARGE = 5 * 1024 * 1024
OLD = timedelta(days=365)
# Newsletters are told by their header: so many of the newest messages are looked at.
MOST_LOOKED_AT = 20_000
_PAGE = 1_000
_LIST_FIELDS = frozenset((b"LIST-ID", b"LIST-UNSUBSCRIBE"))


@unique
class Sort(Enum):
    LARGE = "large"
    OLD = "old"
    TWICE = "twice"
    NEWSLETTER = "newsletter"
    JUNK = "junk"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One message. internal_date: seconds since 1970; size: octets."""

    folder_id: int
    folder: str
    uid: int
    message_pk: int
    subject: str
    sender: str
    internal_date: int
    size: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A page of one sort, what frees most in front; and what all of the sort are together."""

    mail: list[Proposal]
    count: int
    octets: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What of a mailbox could be deleted. sorts: each that has any, with how many and their octets; a message may be
    of several. octets: of all together, each once."""

    sorts: tuple[tuple[Sort, int, int], ...]
    octets: int


_TABLES = " FROM entry e JOIN folder f ON f.id = e.folder_id JOIN message m ON m.id = e.message_pk"
_FREE = (
    f"{_TABLES} WHERE f.owner_id = ? AND f.behaviour IS NULL AND m.pins = 0 AND e.flags & ? = 0"
    " AND coalesce(f.special_use, '') NOT IN ('\\Drafts', ?)"
)
_COLUMNS = "SELECT e.folder_id, f.name, e.uid, e.message_pk, m.subject, m.sender, e.internal_date, e.size"
_LEFT_OUT = int(Flag.FLAGGED | Flag.DRAFT)


def propose(
    conn: Connection, agency_id: int, owner_id: int, sort: Sort, now: datetime, most: int, skip: int = 0
) -> Proposed:
    """now: aware."""
    found = _of(conn, owner_id, sort, now)
    held = holds.held_among(conn, agency_id, [(owner_id, one[1]) for one in found])
    free = [one for one in found if (owner_id, one[1]) not in held]
    page = [one[2:] for one in free[skip : skip + most]]
    return Proposed(_read(conn, page), len(free), sum(one[0] for one in free))


def summary(conn: Connection, agency_id: int, owner_id: int, now: datetime) -> Summary:
    """Of all sorts. now: aware."""
    by_sort = {sort: _of(conn, owner_id, sort, now) for sort in Sort}
    every = {one for found in by_sort.values() for one in found}
    held = holds.held_among(conn, agency_id, [(owner_id, one[1]) for one in every])
    free = {one for one in every if (owner_id, one[1]) not in held}
    counted = ((sort, [one for one in found if one in free]) for sort, found in by_sort.items())
    sorts = tuple((sort, len(found), sum(one[0] for one in found)) for sort, found in counted if found)
    return Summary(sorts, sum(one[0] for one in free))


def _of(conn: Connection, owner_id: int, sort: Sort, now: datetime) -> _Found:
    return _newsletters(conn, owner_id) if sort is Sort.NEWSLETTER else _chosen(conn, owner_id, sort, now)


# Of each: octets, message, folder, uid; the largest first. Four numbers each, however large the mailbox.
_Found = list[tuple[int, int, int, int]]


def _chosen(conn: Connection, owner_id: int, sort: Sort, now: datetime) -> _Found:
    conditions: dict[Sort, tuple[str, tuple[int | str, ...]]] = {
        Sort.LARGE: ("e.size >= ?", (LARGE,)),
        Sort.OLD: ("e.internal_date < ?", (int((now - OLD).timestamp()),)),
        Sort.TWICE: (_TWICE, (owner_id, TRASH)),
        Sort.JUNK: ("f.special_use = ?", (JUNK,)),
    }
    condition, params = conditions[sort]
    query = f"SELECT e.size, e.message_pk, e.folder_id, e.uid{_FREE} AND {condition}"
    rows = raw.rows(conn, f"{query} ORDER BY e.size DESC, e.folder_id, e.uid", (owner_id, _LEFT_OUT, TRASH, *params))
    return [tuple(row) for row in rows]


# The same Message-ID and size lies in the mailbox before it: in an older folder, or earlier in this one.
_TWICE = (
    "m.message_id IS NOT NULL AND EXISTS (SELECT 1 FROM message m2 JOIN entry e2 ON e2.message_pk = m2.id"
    " JOIN folder f2 ON f2.id = e2.folder_id WHERE m2.message_id = m.message_id AND m2.size = m.size"
    " AND f2.owner_id = ? AND coalesce(f2.special_use, '') <> ?"
    " AND (e2.folder_id < e.folder_id OR (e2.folder_id = e.folder_id AND e2.uid < e.uid)))"
)


def _newsletters(conn: Connection, owner_id: int) -> _Found:
    query = f"SELECT e.size, e.message_pk, e.folder_id, e.uid{_FREE} ORDER BY e.message_pk DESC LIMIT ?"
    newest = [tuple(row) for row in raw.rows(conn, query, (owner_id, _LEFT_OUT, TRASH, MOST_LOOKED_AT))]
    found = [one for at in range(0, len(newest), _PAGE) for one in _lists(conn, newest[at : at + _PAGE])]
    return sorted(found, key=lambda one: (-one[0], *one[2:]))


def _lists(conn: Connection, page: Sequence[tuple[int, int, int, int]]) -> _Found:
    choose = chooser(_LIST_FIELDS)
    packed = messages.load_rows(conn, {one[1] for one in page}, ["listed_fields"])
    lists = {message_pk for message_pk, fields in packed if len(choose(bytes(fields)).strip()) > 0}
    return [one for one in page if one[1] in lists]


def _read(conn: Connection, page: Sequence[tuple[int, int]]) -> list[Proposal]:
    by_folder: dict[int, list[int]] = {}
    for folder_id, uid in page:
        by_folder.setdefault(folder_id, []).append(uid)
    found: dict[tuple[int, int], Proposal] = {}
    for folder_id, uids in by_folder.items():
        condition, numbers = raw.among(conn, "e.uid", uids)
        query = f"{_COLUMNS}{_TABLES} WHERE e.folder_id = ? AND {condition}"
        found |= {(row[0], row[2]): Proposal(*row) for row in raw.rows(conn, query, (folder_id, numbers))}
    return [found[place] for place in page]


def kept_among(conn: Connection, agency_id: int, owner_id: int, message_pks: Collection[int]) -> set[int]:
    """Which of a mailbox's messages may not be deleted here: what is pinned or held."""
    if not message_pks:
        return set()
    condition, numbers = raw.among(conn, "id", message_pks)
    pinned = {row[0] for row in raw.rows(conn, f"SELECT id FROM message WHERE {condition} AND pins > 0", (numbers,))}
    held = holds.held_among(conn, agency_id, [(owner_id, one) for one in message_pks])
    return pinned | {message_pk for _owner, message_pk in held}
