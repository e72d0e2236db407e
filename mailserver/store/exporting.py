"""A mailbox as a file that other programs read: one mbox, or a ZIP with a file for each message.

Made as it is sent: in memory are the uids of one folder and one message at a time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from mailserver.store import folders, raw
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Database
from mailserver.store.folders import Folder
from mailserver.store.messages import read_octets

# A line that could be taken for the beginning of the next message; quoted before, but not more often than people do.
_FROM = re.compile(rb"^(>{0,100}From )", re.MULTILINE)
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*/]')
_LONGEST_NAME = 80
_PAGE = 500
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def as_mbox(db: Database, blobs: BlobStore, owner_id: int) -> Iterator[bytes]:
    """The mailbox as mbox (RFC 4155), "From " quoted reversibly, line ends as they came; each folder's name stands in a
    field X-Folder before the message's own. Raises StoreUnavailable on the way; the file ends there."""
    for folder, _uid, message_pk, date, _subject in _all(db, owner_id):
        octets = db.read(partial(read_octets, blobs=blobs, message_pk=message_pk))
        yield b"From MAILER-DAEMON %s\r\n" % _asctime(date).encode()
        yield b"X-Folder: %s\r\n" % folder.name.encode()
        yield _FROM.sub(rb">\1", octets)
        yield b"\r\n" if octets.endswith(b"\n") else b"\r\n\r\n"


def as_zip(db: Database, blobs: BlobStore, owner_id: int) -> Iterator[bytes]:
    """The mailbox as a ZIP: a folder for each folder, a file .eml for each message, octet for octet. Raises as
    `as_mbox`."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, uid, message_pk, date, subject in _all(db, owner_id):
            octets = db.read(partial(read_octets, blobs=blobs, message_pk=message_pk))
            when = datetime.fromtimestamp(date, UTC)
            name = "/".join(_fit(level) for level in folder.name.split("/"))
            entry = zipfile.ZipInfo(f"{name}/{uid:06d} {_fit(subject)}.eml", _dos_time(when))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, octets)
            yield out.taken()
    yield out.taken()


class _Pipe(io.RawIOBase):
    """What was written and not taken yet; ZipFile learns that it cannot go back."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, octets: bytes) -> int:  # type: ignore[override]
        self._held.append(bytes(octets))
        return len(octets)

    def taken(self) -> bytes:
        found, self._held = b"".join(self._held), []
        return found


_Listed = tuple[Folder, int, int, int, str]


def _all(db: Database, owner_id: int) -> Iterator[_Listed]:
    """(folder, uid, message, internal date, subject) of all that is there while it is read."""
    for folder in db.read(lambda conn: folders.list_of(conn, owner_id)):
        after = 0
        while rows := db.read(partial(_page, folder_id=folder.id, after=after)):
            for uid, message_pk, date, subject in rows:
                yield folder, uid, message_pk, date, subject
            after = rows[-1][0]


def _page(conn: Connection, folder_id: int, after: int) -> list[tuple[int, int, int, str]]:
    query = (
        "SELECT e.uid, e.message_pk, e.internal_date, m.subject FROM entry e JOIN message m ON m.id = e.message_pk"
        " WHERE e.folder_id = ? AND e.uid > ? ORDER BY e.uid LIMIT ?"
    )
    return [tuple(row) for row in raw.rows(conn, query, (folder_id, after, _PAGE))]


def _fit(text: str) -> str:
    """A name that every system takes for a file."""
    return _UNFIT.sub("_", text)[:_LONGEST_NAME].strip(" .") or "_"


def _asctime(date: int) -> str:
    """RFC 4155 appendix A: UTC, English names whatever the locale."""
    when = datetime.fromtimestamp(date, UTC)
    day, month = _DAYS[when.weekday()], _MONTHS[when.month - 1]
    return f"{day} {month} {when.day:2d} {when:%H:%M:%S} {when.year}"


def _dos_time(when: datetime) -> tuple[int, int, int, int, int, int]:
    """A ZIP knows no year before 1980, nor after 2107."""
    year = min(max(when.year, 1980), 2107)
    return year, when.month, when.day, when.hour, when.minute, when.second
