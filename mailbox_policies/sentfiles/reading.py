"""Files that were handed over, as their sender and their recipients see them, and their octets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from mailbox_policies.sentfiles import linklist
from mailbox_policies.sentfiles.errors import FileMissing
from mailbox_policies.sentfiles.linklist import Link
from mailbox_policies.sentfiles.schema import sent_file, sent_file_fetch, sent_file_piece, sent_file_recipient
from mailserver.actor import Actor
from mailserver.directory import principals
from mailserver.directory.grants import effective_rights
from mailserver.directory.rights import Right
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

MOST_LISTED = 200
# A download that goes on within this is not written down again.
SAME_FETCH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SentFile:
    """state, why: as in the table. size: octets. digest: SHA-256. scanned: whether ClamAV looked at it."""

    id: int
    owner_id: int
    state: str
    why: str
    name: str
    media_type: str
    size: int
    digest: bytes
    scanned: bool
    note: str
    sent_at: datetime
    expires_at: datetime
    closed_at: datetime | None

    def can_be_fetched(self, now: datetime) -> bool:
        return self.state == "ready" and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Fetch:
    """person: who fetched it."""

    person: str
    at: datetime
    remote: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A file with the names of its people.

    fetches: of people of ours, the newest first; links: of people outside; empty of others' than the sender's.
    """

    file: SentFile
    sender: str
    recipients: tuple[str, ...]
    fetches: tuple[Fetch, ...]
    mine: bool
    links: tuple[Link, ...] = ()

    @property
    def readers(self) -> tuple[str, ...]:
        """Names of people of ours, addresses of others."""
        return (*self.recipients, *(one.address for one in self.links))

    @property
    def times(self) -> int:
        """How often it was fetched."""
        return len(self.fetches) + sum(one.times for one in self.links)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a file. start: where in the file it begins; size: octets."""

    start: int
    size: int
    digest: bytes


def sent(conn: Connection, actor: Actor) -> list[Shown]:
    """What the actor has handed over, the newest first."""
    return _listed(conn, actor, sent_file.c.owner_id == actor.principal_id)


def received(conn: Connection, actor: Actor, now: datetime) -> list[Shown]:
    """What was handed to the actor, or to mailboxes that the actor reads, the newest first."""
    mailboxes = _mailboxes(conn, actor, now)
    to_me = select(sent_file_recipient.c.file_id).where(sent_file_recipient.c.principal_id.in_(mailboxes))
    return _listed(conn, actor, sent_file.c.id.in_(to_me))


def show(conn: Connection, actor: Actor, file_id: int, now: datetime) -> Shown:
    """One file, for its sender and its recipients. Raises FileMissing."""
    found = _listed(conn, actor, sent_file.c.id == file_id)
    if not found or not _concerns(conn, actor, found[0].file, now):
        raise FileMissing(file_id)
    return found[0]


def get(conn: Connection, file_id: int) -> SentFile:
    """One that was handed over. Who may see it is the caller's to know. Raises FileMissing."""
    this = (sent_file.c.id == file_id) & sent_file.c.sent_at.is_not(None)
    row = conn.execute(select(*_COLUMNS).where(this)).mappings().first()
    if row is None:
        raise FileMissing(file_id)
    return SentFile(**row)


def may_fetch(conn: Connection, actor: Actor, file_id: int, now: datetime) -> SentFile:
    """A file that the actor may fetch now: of the own ones, or handed to the actor. Raises FileMissing."""
    file = show(conn, actor, file_id, now).file
    if not file.can_be_fetched(now):
        raise FileMissing(file_id)
    return file


def stretches(conn: Connection, file_id: int) -> list[Stretch]:
    """The pieces in order; none of a file that is gone."""
    columns = (sent_file_piece.c.start, sent_file_piece.c.size, sent_file_piece.c.digest)
    query = select(*columns).where(sent_file_piece.c.file_id == file_id).order_by(sent_file_piece.c.start)
    return [Stretch(start, size, bytes(digest)) for start, size, digest in conn.execute(query)]


def octets(blobs: BlobStore, pieces: Sequence[Stretch], start: int, end: int) -> Iterator[bytes]:
    """The file from `start` up to `end`, a piece at a time. Raises StoreUnavailable in the middle if one is damaged."""
    for one in pieces:
        if one.start < end and one.start + one.size > start:
            content = blobs.get_uncached(one.digest)
            yield content[max(0, start - one.start) : end - one.start]


def note_tx(tx: Tx, file_id: int, *, goes_on: bool) -> None:
    """Write down that the actor fetches a file. goes_on: not from its beginning, as after a line that broke."""
    person_id = tx.actor.principal_id
    if goes_on:
        lately = sent_file_fetch.c.at > tx.now - SAME_FETCH
        this = (sent_file_fetch.c.file_id == file_id) & (sent_file_fetch.c.person_id == person_id) & lately
        if tx.conn.execute(select(sent_file_fetch.c.id).where(this).limit(1)).first() is not None:
            return
    row = {"file_id": file_id, "person_id": person_id, "at": tx.now, "remote": tx.actor.remote[:45]}
    tx.conn.execute(insert(sent_file_fetch).values(row))


def _concerns(conn: Connection, actor: Actor, file: SentFile, now: datetime) -> bool:
    if file.owner_id == actor.principal_id:
        return True
    mailboxes = _mailboxes(conn, actor, now)
    this = (sent_file_recipient.c.file_id == file.id) & sent_file_recipient.c.principal_id.in_(mailboxes)
    return conn.execute(select(sent_file_recipient.c.id).where(this).limit(1)).first() is not None


def _mailboxes(conn: Connection, actor: Actor, now: datetime) -> set[int]:
    """Whose mail the actor reads."""
    assert actor.principal_id is not None
    rights = effective_rights(conn, actor.principal_id, now)
    return {actor.principal_id, *(owner_id for owner_id, held in rights.items() if Right.READ in held)}


def _listed(conn: Connection, actor: Actor, condition: ColumnElement[bool]) -> list[Shown]:
    was_sent = sent_file.c.sent_at.is_not(None)
    query = select(*_COLUMNS).where(condition & was_sent).order_by(sent_file.c.id.desc()).limit(MOST_LISTED)
    files = [SentFile(**row) for row in conn.execute(query).mappings()]
    ids = [one.id for one in files]
    mine = [one.id for one in files if one.owner_id == actor.principal_id]
    recipients = _recipients(conn, ids)
    fetches = _fetches(conn, mine)
    links = linklist.of_files(conn, mine)
    people = {one.owner_id for one in files} | {n for these in recipients.values() for n in these}
    names = principals.get_many(conn, people | {fetch.person_id for these in fetches.values() for fetch in these})
    return [
        Shown(
            one,
            names[one.owner_id].name,
            tuple(names[n].name for n in recipients.get(one.id, ())),
            tuple(Fetch(names[row.person_id].name, row.at, row.remote) for row in fetches.get(one.id, ())),
            one.owner_id == actor.principal_id,
            tuple(links.get(one.id, ())),
        )
        for one in files
    ]


def _recipients(conn: Connection, file_ids: Collection[int]) -> dict[int, list[int]]:
    table = sent_file_recipient.c
    found: dict[int, list[int]] = {}
    query = select(table.file_id, table.principal_id).where(table.file_id.in_(file_ids)).order_by(table.id)
    for file_id, principal_id in conn.execute(query):
        found.setdefault(file_id, []).append(principal_id)
    return found


def _fetches(conn: Connection, file_ids: Collection[int]) -> dict[int, list[Any]]:
    table = sent_file_fetch.c
    found: dict[int, list[Any]] = {}
    columns = (table.file_id, table.person_id, table.at, table.remote)
    for row in conn.execute(select(*columns).where(table.file_id.in_(file_ids)).order_by(table.id.desc())):
        found.setdefault(row.file_id, []).append(row)
    return found


_COLUMNS = (
    sent_file.c.id,
    sent_file.c.owner_id,
    sent_file.c.state,
    sent_file.c.why,
    sent_file.c.name,
    sent_file.c.media_type,
    sent_file.c.size,
    sent_file.c.digest,
    sent_file.c.scanned,
    sent_file.c.note,
    sent_file.c.sent_at,
    sent_file.c.expires_at,
    sent_file.c.closed_at,
)
