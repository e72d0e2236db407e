"""Lines of a folder as a list of mail shows them: newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from mailserver.store.flags import Flag
from mailserver.store.personal import Reader
from mailserver.store.schema import entry, message, personal_flag
from mailserver.text import accented, has_diacritics

PAGE = 50
# A search that finds more is shown its newest part; SQLite takes at most 32,766 parameters.
MOST_MATCHES = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a folder with what a list shows of its message.

    internal_date: seconds since 1970. size: octets on the wire. sender: display form of the first
    author. preview: first words of the text.
    """

    folder_id: int
    uid: int
    message_pk: int
    flags: int
    keywords: str
    internal_date: int
    size: int
    sender: str
    subject: str
    preview: str
    attachments: int
    thread_id: int

    @property
    def seen(self) -> bool:
        return bool(self.flags & Flag.SEEN)

    @property
    def flagged(self) -> bool:
        return bool(self.flags & Flag.FLAGGED)

    @property
    def answered(self) -> bool:
        return bool(self.flags & Flag.ANSWERED)

    @property
    def draft(self) -> bool:
        return bool(self.flags & Flag.DRAFT)

    def shows(self, exact: str) -> bool:
        """Whether subject, sender or preview have these words (`text.accented`), diacritics and all."""
        return exact in accented(f"{self.subject}\n{self.sender}\n{self.preview}")


def _flags(reader: Reader | None) -> ColumnElement[int]:
    """The flags as a reader sees them; the query has to know `personal_flag` then (`_joined`)."""
    if reader is None:
        return entry.c.flags
    own = func.coalesce(personal_flag.c.flags, entry.c.flags).op("&")(reader.bits)
    return entry.c.flags.op("&")(~reader.bits).op("|")(own)


def _joined(query: Select[Any], reader: Reader | None) -> Select[Any]:
    query = query.select_from(entry)
    if reader is None:
        return query
    same = (personal_flag.c.folder_id == entry.c.folder_id) & (personal_flag.c.uid == entry.c.uid)
    return query.outerjoin(personal_flag, same & (personal_flag.c.reader_id == reader.id))


def _lines(reader: Reader | None) -> Select[Any]:
    own = [entry.c.folder_id, entry.c.uid, entry.c.message_pk, _flags(reader), entry.c.keywords, entry.c.internal_date]
    of_message = [
        message.c.size,
        message.c.sender,
        message.c.subject,
        message.c.preview,
        message.c.attachments,
        message.c.thread_id,
    ]
    return _joined(select(*own, *of_message), reader).join(message, message.c.id == entry.c.message_pk)


def _to_line(row: Sequence[Any]) -> Line:
    return Line(*row)


def _wanted(folder_id: int, unseen_only: bool, reader: Reader | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [entry.c.folder_id == folder_id, entry.c.flags.op("&")(int(Flag.DELETED)) == 0]
    if unseen_only:
        wanted.append(_flags(reader).op("&")(int(Flag.SEEN)) == 0)
    return wanted


def lines(
    conn: Connection,
    folder_id: int,
    *,
    offset: int = 0,
    limit: int = PAGE,
    unseen_only: bool = False,
    reader: Reader | None = None,
) -> list[Line]:
    """A page of a folder, the last arrived first; entries marked for deletion are left out.

    reader: whose own flags to show, see `personal.reader_of`; so in the other functions.
    """
    query = _lines(reader).where(*_wanted(folder_id, unseen_only, reader))
    return [_to_line(row) for row in conn.execute(query.order_by(entry.c.uid.desc()).offset(offset).limit(limit))]


def count(conn: Connection, folder_id: int, *, unseen_only: bool = False, reader: Reader | None = None) -> int:
    """How many lines `lines` has in all."""
    query = _joined(select(func.count()), reader).where(*_wanted(folder_id, unseen_only, reader))
    return int(conn.execute(query).scalar_one())


def line(conn: Connection, folder_id: int, uid: int, reader: Reader | None = None) -> Line | None:
    """One entry, or None."""
    row = conn.execute(_lines(reader).where(entry.c.folder_id == folder_id, entry.c.uid == uid)).first()
    return None if row is None else _to_line(row)


def neighbours(conn: Connection, folder_id: int, uid: int) -> tuple[int | None, int | None]:
    """The uids of the entry that came next, and of the one before; None at either end."""
    mine = entry.c.folder_id == folder_id
    newer = conn.execute(select(func.min(entry.c.uid)).where(mine, entry.c.uid > uid)).scalar()
    older = conn.execute(select(func.max(entry.c.uid)).where(mine, entry.c.uid < uid)).scalar()
    return newer, older


def lines_of(
    conn: Connection,
    folder_id: int,
    message_pks: Collection[int],
    words: str = "",
    limit: int = PAGE,
    reader: Reader | None = None,
) -> list[Line]:
    """Those messages that lie in the folder, the last arrived first; looks at the newest MOST_MATCHES.

    words: as typed; if they have diacritics, lines that show the same ones come before the others.
    """
    newest = sorted(message_pks, reverse=True)[:MOST_MATCHES]
    query = _lines(reader).where(*_wanted(folder_id, False, reader), entry.c.message_pk.in_(newest))
    query = query.order_by(entry.c.uid.desc())
    if not has_diacritics(words):
        return [_to_line(row) for row in conn.execute(query.limit(limit))]
    found = [_to_line(row) for row in conn.execute(query)]
    exact = accented(words)
    return sorted(found, key=lambda line: not line.shows(exact))[:limit]


def holds_message_id(conn: Connection, folder_id: int, message_id: str) -> bool:
    """Whether a message with this Message-ID (without angle brackets) lies in the folder."""
    here = (entry.c.folder_id == folder_id, message.c.message_id == message_id)
    query = select(entry.c.uid).join(message, message.c.id == entry.c.message_pk).where(*here).limit(1)
    return conn.execute(query).first() is not None
