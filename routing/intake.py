"""Intake: from a message in the agency's mailbox, or a scan, to a line of the incoming register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from mailserver.actor import Actor
from mailserver.directory.principals import agency_by_id, office_day
from mailserver.mime.compose import new_message_id
from mailserver.store import entries, messages
from mailserver.store.database import Tx
from mailserver.store.store import Store
from mailserver.teams import service as teams
from routing import documents, setup, source, suggest
from routing.errors import DocumentMissing, Duplicate, Incomplete, NotYourTurn, SourceTaken
from routing.files import Kept, insert_files_tx, keep_parts, keep_uploads, part_name, read_part
from routing.filetext import FileReader
from routing.incoming.journey import Act, Journey, Place
from routing.incoming.recording import EVENTS, write_history_tx
from routing.incoming.transitions import advance
from routing.officedays import counted_by
from routing.profile import Procedure, Profile, profile_of
from routing.registers import next_number, take_number_tx
from routing.rows import insert_tx
from routing.schema import document
from routing.standing import Standing, standing_of
from routing.types import (
    Action,
    Candidate,
    DocumentSummary,
    DueBy,
    Fields,
    MessageRef,
    OpenedFile,
    QueueItem,
    Registered,
    Role,
    State,
    Upload,
)

QUEUE_LIMIT = 500
# Attachments whose text is read for suggestions, and how much of a file is looked at, in octets.
READ_FILES, READ_LIMIT = 3, 20_000_000
_READER = FileReader()


def may_register(conn: Connection, actor: Actor, now: datetime) -> bool:
    """Whether the actor is a registry clerk of their agency."""
    standing = standing_of(conn, actor, now)
    return standing.agency_id is not None and standing.is_clerk_of(standing.agency_id)


def queue(conn: Connection, actor: Actor) -> list[QueueItem]:
    """Messages in the agency's INBOX that may become documents, the oldest first; [] for others."""
    standing = standing_of(conn, actor, datetime.now(UTC))
    if standing.agency_id is None or not standing.is_clerk_of(standing.agency_id):
        return []
    return source.waiting(conn, setup.agency_inbox(conn, standing.agency_id), QUEUE_LIMIT)


def candidate(store: Store, actor: Actor, ref: MessageRef) -> Candidate:
    """A message opened for registration, with proposals for the fields. Raises DocumentMissing, NotYourTurn."""
    opened = store.db.read(lambda conn: _open(conn, store, actor, ref))
    # Reading a PDF may take seconds: not while a snapshot of the database is held.
    texts = [(name, _READER.text(data, media_type, name)) for name, media_type, data in opened.contents]
    found = opened.found
    sources = suggest.Source(
        subject=found.item.subject,
        body=opened.text,
        sender_name=opened.sender_name,
        filenames=[part.filename or "" for part in found.files],
        texts=texts,
    )
    files = tuple(source.describe(part) for part in found.files)
    return Candidate(found.item, opened.text, files, suggest.suggest(sources), opened.next_number)


@dataclass(frozen=True, slots=True)
class _Opened:
    """contents: file name, media type and octets of the files to be read for proposals."""

    found: source.Source
    text: str
    sender_name: str
    contents: list[tuple[str, str, bytes]]
    next_number: int


def _open(conn: Connection, store: Store, actor: Actor, ref: MessageRef) -> _Opened:
    now = datetime.now(UTC)
    standing, agency_id = _clerk(conn, actor, now)
    found = source.find(conn, standing, ref)
    readable = [part for part in found.files if part.body[1] - part.body[0] <= READ_LIMIT]
    book, year = profile_of(conn, agency_id).incoming.book, office_day(now).year
    return _Opened(
        found=found,
        text=source.text(conn, store.blobs, found),
        sender_name=source.sender_name(conn, found),
        contents=[
            (part.filename or "", part.media_type, read_part(conn, store.blobs, found.item.message_pk, part))
            for part in readable[:READ_FILES]
        ],
        next_number=next_number(conn, agency_id, documents.INCOMING, book, year),
    )


def open_source_file(store: Store, actor: Actor, ref: MessageRef, part: str) -> OpenedFile:
    """An attachment of a candidate, to be shown beside the form. Raises DocumentMissing, NotYourTurn."""

    def work(conn: Connection) -> OpenedFile:
        standing, _agency = _clerk(conn, actor, datetime.now(UTC))
        found = source.find(conn, standing, ref)
        wanted = next((one for one in found.files if part_name(one) == part), None)
        if wanted is None:
            raise DocumentMissing()
        content = read_part(conn, store.blobs, found.item.message_pk, wanted)
        return OpenedFile(wanted.filename or "", wanted.media_type, content, "")

    return store.db.read(work)


def duplicates(conn: Connection, actor: Actor, fields: Fields) -> list[DocumentSummary]:
    """Documents of the register with the same number, sign, issuer and date, the first one first."""
    if actor.agency_id is None or not fields.code:
        return []
    folded = documents.folded_columns(fields)
    here = (
        document.c.agency_id == actor.agency_id,
        document.c.kind == documents.INCOMING,
        document.c.code_folded == folded["code_folded"],
        document.c.issuer_folded == folded["issuer_folded"],
        document.c.issued_on.is_(None) if fields.issued_on is None else document.c.issued_on == fields.issued_on,
    )
    rows = list(conn.execute(select(document).where(*here).order_by(document.c.id).limit(10)))
    return documents.summaries(conn, rows, datetime.now(UTC))


def register(
    store: Store,
    actor: Actor,
    source_ref: MessageRef | None,
    fields: Fields,
    *,
    files: Sequence[str] | None = None,
    uploads: Sequence[Upload] = (),
    accept_duplicate: bool = False,
) -> Registered:
    """Vào sổ: take the next number, keep the files, move the message to Đã vào sổ.

    source_ref: None for a paper document that comes as uploads. files: part numbers of attachments to
    keep, None = all; of a message without any its own text is kept (1581/QĐ-SGDDT, Điều 4: official
    mail is a source of documents). Raises NotYourTurn, Incomplete, Duplicate, SourceTaken, DocumentMissing; nothing
    has changed then and no number is taken.
    """
    clean = documents.cleaned(fields)
    found, kept = store.db.read(lambda conn: _gather(conn, store, actor, source_ref, files))
    kept += keep_uploads(store.blobs, uploads)

    def work(tx: Tx) -> Registered:
        return _register_tx(tx, found, kept, clean, accept_duplicate)

    return store.db.write(work, actor)


def _gather(
    conn: Connection, store: Store, actor: Actor, ref: MessageRef | None, files: Sequence[str] | None
) -> tuple[source.Source | None, list[Kept]]:
    standing, _agency = _clerk(conn, actor, datetime.now(UTC))
    if ref is None:
        return None, []
    found = source.find(conn, standing, ref)
    parts = [part for part in found.files if files is None or part_name(part) in files]
    if not parts:
        return found, keep_uploads(store.blobs, [source.as_file(conn, store.blobs, found)])
    return found, keep_parts(conn, store.blobs, found.item.message_pk, parts)


def _register_tx(
    tx: Tx, found: source.Source | None, kept: list[Kept], fields: Fields, accept_duplicate: bool
) -> Registered:
    standing, agency_id = _clerk(tx.conn, tx.actor, tx.now)
    profile = profile_of(tx.conn, agency_id)
    today = office_day(tx.now)
    act = Act(Action.REGISTER, frozenset({Role.CLERK}), standing.person_id, today, Place(State.REGISTERED))
    journey = Journey(Place(State.NEW), fields, profile.incoming, files=len(kept))
    advanced = advance(journey, act, tx.now)
    if not accept_duplicate:
        _refuse_duplicate(tx, fields)
    if found is not None:
        _move_source_tx(tx, found, standing)
    made = _insert_document_tx(tx, agency_id, profile, fields, found)
    insert_files_tx(tx, made.document_id, kept)
    write_history_tx(tx, made.document_id, None, advanced.entry)
    tx.emit(EVENTS[Action.REGISTER], owner_id=standing.agency_mailbox, document=made.document_id, step=None)
    return made


def _refuse_duplicate(tx: Tx, fields: Fields) -> None:
    first = next(iter(duplicates(tx.conn, tx.actor, fields)), None)
    if first is not None:
        raise Duplicate(first.id, first.number, first.year)


def _move_source_tx(tx: Tx, found: source.Source, standing: Standing) -> None:
    """Into Đã vào sổ, and pinned. Whoever comes second finds the message gone: SourceTaken."""
    assert standing.agency_mailbox is not None
    target = setup.folder_tx(tx, standing.agency_mailbox, setup.REGISTERED)
    ref = found.item.ref
    if ref.folder_id == target or not entries.move_tx(tx, ref.folder_id, [ref.uid], target, guarded=False):
        raise SourceTaken()
    messages.pin_tx(tx, found.item.message_pk)
    teams.registered_tx(tx, found.item.message_pk)


def _insert_document_tx(
    tx: Tx, agency_id: int, profile: Profile, fields: Fields, found: source.Source | None
) -> Registered:
    today = office_day(tx.now)
    dated, due_by = _dated(profile, replace(fields, arrived_on=fields.arrived_on or today))
    year, book = today.year, profile.incoming.book
    register_id, number = take_number_tx(tx, agency_id, documents.INCOMING, book, year)
    domain = agency_by_id(tx.conn, agency_id).domain
    root = found.message_id if found is not None else None
    document_id = insert_tx(
        tx,
        document,
        **documents.columns_of(dated, today),
        agency_id=agency_id,
        kind=documents.INCOMING,
        state=State.REGISTERED.value,
        register_id=register_id,
        register_number=number,
        register_year=year,
        deadline=dated.due_on,
        due_by=due_by.value,
        message_pk=found.item.message_pk if found is not None else None,
        thread_root=(root or new_message_id(domain))[:255],
        registered_by_id=tx.actor.principal_id,
        registered_at=tx.now,
    )
    return Registered(document_id, number, year)


def _dated(profile: Profile, fields: Fields) -> tuple[Fields, DueBy]:
    """With the deadline: as written on the document, else by the procedure (04/2017/QĐ-UBND, Điều 11 khoản 6 điểm a).

    Raises Incomplete("procedure") for one that the profile does not have.
    """
    rules = profile.deadlines
    found = next((one for one in rules.procedures if one.name == fields.procedure), None)
    if fields.procedure and found is None:
        raise Incomplete("procedure")
    if fields.due_on is not None or found is None or fields.arrived_on is None:
        return fields, DueBy.DOCUMENT if fields.due_on else DueBy.NONE
    due_on = counted_by(rules).add(fields.arrived_on, found.days)
    return replace(fields, due_on=due_on), DueBy.PROCEDURE


def procedures(conn: Connection, actor: Actor) -> tuple[Procedure, ...]:
    """Those of the actor's agency, with their days."""
    return () if actor.agency_id is None else profile_of(conn, actor.agency_id).deadlines.procedures


def _clerk(conn: Connection, actor: Actor, now: datetime) -> tuple[Standing, int]:
    """The actor's standing as a clerk. Raises NotYourTurn."""
    standing = standing_of(conn, actor, now)
    if standing.agency_id is None or not standing.is_clerk_of(standing.agency_id):
        raise NotYourTurn("not-a-clerk")
    return standing, standing.agency_id
