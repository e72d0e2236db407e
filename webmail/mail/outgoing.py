"""A written letter: its attachments gathered, kept as a draft, or sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from mailserver.mime.scan import scan
from mailserver.store import access, folders, ingest
from mailserver.store.arrivals import append_tx
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing
from mailserver.store.flagging import FlagChange, store_flags_tx
from mailserver.store.flags import Flag
from mailserver.store.folders import Folder
from mailserver.store.ingest import Prepared
from mailserver.store.removal import expunge_tx
from mailserver.store.store import Store
from webmail.mail import drafting, reading
from webmail.mail.drafting import Beginning

# In-Reply-To and References.
Thread = tuple[str | None, tuple[str, ...]]
DRAFTS = "\\Drafts"
MOST_CARRIED = 100


@dataclass(frozen=True, slots=True)
class Ref:
    """A message named by a hidden field, "folder.uid"."""

    folder_id: int
    uid: int

    def __str__(self) -> str:
        return f"{self.folder_id}.{self.uid}"


@dataclass(frozen=True, slots=True)
class Carried:
    """An attachment taken over from another message. key: "folder.uid.part"."""

    key: str
    filename: str
    media_type: str
    size: int
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as the form gave it, read and checked."""

    from_: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    text: str
    attachments: tuple[Attachment, ...]
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Octets as people count them: the text and the files."""
        return len(self.text.encode()) + sum(len(file.data) for file in self.attachments)

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.addr for one in (*self.to, *self.cc, *self.bcc)))

    def octets(self, now: datetime, extra: Sequence[tuple[str, str]] = ()) -> bytes:
        """The message. Blind copies are in the envelope alone."""
        return compose(
            Draft(
                from_=self.from_,
                to=self.to,
                cc=self.cc,
                bcc=self.bcc,
                subject=self.subject,
                text=self.text,
                date=now.astimezone(OFFICE_ZONE),
                message_id=self.message_id,
                attachments=self.attachments,
                in_reply_to=self.in_reply_to,
                references=self.references,
                extra_headers=tuple(extra),
            )
        )


def ref(text: str | None) -> Ref | None:
    """Read "folder.uid"; None for "" and for nonsense."""
    folder_id, dot, uid = (text or "").partition(".")
    if not dot or not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in (folder_id, uid)):
        return None
    return Ref(int(folder_id), int(uid))


def carried_of(opened: reading.Opened, *, checked: bool = True) -> tuple[Carried, ...]:
    """The attachments of a message as boxes to tick."""
    files = reading.files_of(opened.info.structure)
    return tuple(
        Carried(f"{opened.ref}.{file.part}", file.filename, file.media_type, file.size, checked) for file in files
    )


def load_carried(conn: Connection, blobs: BlobStore, actor: Actor, keys: Sequence[str]) -> tuple[Attachment, ...]:
    """The files behind ticked boxes. Raises FolderMissing for what the actor may not read."""
    loaded = []
    for key in keys[:MOST_CARRIED]:
        folder_id, uid, number = [*key.split(".", 2), "", ""][:3]
        source = ref(f"{folder_id}.{uid}")
        if source is None:
            raise FolderMissing(key)
        opened = reading.open_message(conn, actor, source.folder_id, source.uid)
        part = reading.part_of(opened, number)
        file = reading.file_of(part)
        loaded.append(Attachment(file.filename, part.media_type, reading.content(conn, blobs, opened, part)))
    return tuple(loaded)


def answering(conn: Connection, actor: Actor, answered: Ref | None, draft: Ref | None) -> Thread:
    """In-Reply-To and References: from the message answered, else as the draft had them."""
    source = answered or draft
    if source is None:
        return None, ()
    header = scan(reading.open_message(conn, actor, source.folder_id, source.uid).info.header)
    if answered is not None:
        return drafting.references(header)
    return (header.in_reply_to[0] if header.in_reply_to else None), header.references


def keep_draft(store: Store, actor: Actor, written: Written, typed: Beginning, old: Ref | None, now: datetime) -> Ref:
    """Put the letter into the writer's drafts in place of `old`; where it is now."""
    prepared = prepare_draft(store, written, typed, now)
    return store.db.write(lambda tx: put_draft_tx(tx, prepared, old), actor)


def prepare_draft(store: Store, written: Written, typed: Beginning, now: datetime) -> Prepared:
    """A letter as a draft, its octets durable. Raises StoreFull, StoreUnavailable."""
    return ingest.prepare(written.octets(now, (drafting.form_field(typed),)), store.blobs)


def put_draft_tx(tx: Tx, prepared: Prepared, old: Ref | None) -> Ref:
    """As `keep_draft`, in the caller's transaction."""
    folder = drafts_folder_tx(tx)
    uid = append_tx(tx, folder.id, prepared, Flag.DRAFT | Flag.SEEN, "", tx.now_s)
    drop_draft_tx(tx, old)
    return Ref(folder.id, uid)


def drafts_folder_tx(tx: Tx) -> Folder:
    """The writer's own drafts folder, made if a client deleted it."""
    own_id = tx.actor.principal_id
    assert own_id is not None
    found = folders.by_special_use(tx.conn, own_id, DRAFTS)
    return found or folders.create_tx(tx, own_id, "Drafts", special_use=DRAFTS)


def drop_draft_tx(tx: Tx, old: Ref | None) -> None:
    """Remove a draft for good; one that is gone already is no matter. Never anything but a draft of one's own."""
    if old is None:
        return
    folder = folders.by_id(tx.conn, old.folder_id)
    access.require(tx.conn, tx.actor, folder, "e")
    if folder.special_use == DRAFTS and folder.owner_id == tx.actor.principal_id:
        expunge_tx(tx, folder.id, [old.uid])


def finish_tx(tx: Tx, draft: Ref | None, before: Ref | None, answers: Ref | None) -> None:
    """In the transaction that sends a letter: no draft is left of it, and what it answers is marked.

    before: the draft with its files as they were before they were made smaller.
    """
    drop_draft_tx(tx, draft)
    drop_draft_tx(tx, before)
    mark_answered_tx(tx, answers)


def mark_answered_tx(tx: Tx, answered: Ref | None) -> None:
    """Note on the message answered that it has been; only where the writer may."""
    if answered is None:
        return
    folder = folders.by_id(tx.conn, answered.folder_id)
    if "w" in access.rights_on(tx.conn, tx.actor, folder):
        store_flags_tx(tx, folder.id, [answered.uid], FlagChange.ADD, Flag.ANSWERED)


def with_references(written: Written, found: Thread) -> Written:
    return replace(written, in_reply_to=found[0], references=found[1])
