"""The order of SORT (RFC 5256 §3) and SORT=DISPLAY (RFC 5957), from what is kept of each message.

Texts are ordered without regard to case and diacritics, as they are searched for; where that leaves
two equal, the one with fewer diacritics comes first. What is still equal stays in mailbox order.
They are compared as capitals, as i;unicode-casemap does (RFC 5051 §2): so "[" comes behind "Z".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from sqlalchemy import Connection

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.search.frozen import Frozen
from mailserver.mime.subjects import exact_base_subject
from mailserver.store import messages


@unique
class By(Enum):
    """Sort criteria; the value is the name on the wire."""

    ARRIVAL = b"ARRIVAL"
    CC = b"CC"
    DATE = b"DATE"
    DISPLAYFROM = b"DISPLAYFROM"
    DISPLAYTO = b"DISPLAYTO"
    FROM = b"FROM"
    SIZE = b"SIZE"
    SUBJECT = b"SUBJECT"
    TO = b"TO"


@dataclass(frozen=True, slots=True)
class Criterion:
    by: By
    reverse: bool = False


def parse_criteria(cursor: Cursor) -> tuple[Criterion, ...]:
    """A list such as `(REVERSE DATE SUBJECT)`, not empty; of a criterion that comes again only the first
    can make a difference."""
    found: dict[By, Criterion] = {}
    reverse = False
    for name in cursor.items(lambda inner: inner.word("a sort criterion")):
        if name == b"REVERSE" and not reverse:
            reverse = True
        elif name in _NAMES:
            found.setdefault(_NAMES[name], Criterion(_NAMES[name], reverse))
            reverse = False
        else:
            raise ParseError("Unknown sort criterion")
    if not found or reverse:
        raise ParseError("Expected sort criteria")
    return tuple(found.values())


_NAMES = {by.value: by for by in By}


def _mailbox(folded: str) -> str:
    """The local part of the first address (RFC 5256 §3: addr-mailbox)."""
    return folded.partition("<")[2].partition(">")[0].partition("@")[0].upper()


def _display(folded: str, shown: str) -> tuple[str, str]:
    """The first address as people see it: its name, else the address (RFC 5957 §1)."""
    name, _, rest = folded.partition("<")
    if not name:
        return rest.partition(">")[0].upper(), ""
    return name.rstrip().upper(), shown.partition(" <")[0].casefold()


def _subject(base: str, subject: str) -> tuple[str, str]:
    return base.upper(), base if subject.isascii() else exact_base_subject(subject)


# The columns of a message that a criterion looks at, and the key made of them.
_KEPT: dict[By, tuple[tuple[str, ...], Callable[..., Any]]] = {
    By.CC: (("cc_folded",), _mailbox),
    By.DISPLAYFROM: (("from_folded", "sender"), _display),
    By.DISPLAYTO: (("to_folded", "recipient"), _display),
    By.FROM: (("from_folded",), _mailbox),
    By.SUBJECT: (("base_subject", "subject"), _subject),
    By.TO: (("to_folded",), _mailbox),
}


def ordered(conn: Connection, frozen: Frozen, indexes: Sequence[int], criteria: Sequence[Criterion]) -> list[int]:
    """The ascending indexes in the order of the criteria. Each costs one stable sort."""
    found = list(indexes)
    for criterion in reversed(criteria):
        keys = _keys(conn, frozen, indexes, criterion.by)
        found.sort(key=keys, reverse=criterion.reverse)
    return found


def _keys(conn: Connection, frozen: Frozen, indexes: Sequence[int], by: By) -> Callable[[int], Any]:
    if by is By.ARRIVAL:
        return frozen.dates.__getitem__
    if by is By.SIZE:
        return frozen.sizes.__getitem__
    if by is By.DATE:
        return sent_dates(conn, frozen, indexes).__getitem__
    columns, key = _KEPT[by]
    loaded = messages.load_many(conn, {frozen.pks[index] for index in indexes}, columns)
    keys = {pk: key(*values) for pk, values in loaded.items()}
    nothing = key(*("" for _ in columns))  # of a message gone for good before this session was told
    pks = frozen.pks
    return lambda index: keys.get(pks[index], nothing)


def sent_dates(conn: Connection, frozen: Frozen, indexes: Sequence[int]) -> dict[int, int]:
    """Seconds since 1970 of the Date fields by index; the internal date without one (RFC 5256 §2.2)."""
    loaded = messages.load_many(conn, {frozen.pks[index] for index in indexes}, ["sent_at"])
    dates = {}
    for index in indexes:
        (sent_at,) = loaded.get(frozen.pks[index], (None,))
        dates[index] = frozen.dates[index] if sent_at is None else sent_at
    return dates
