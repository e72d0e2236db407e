"""Messages of the agency's mailbox as sources of documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from mailserver.directory.records import OFFICE_ZONE
from mailserver.mime.body import text_of
from mailserver.mime.html_text import html_to_text
from mailserver.mime.scan import scan
from mailserver.mime.structure import Part, Structure
from mailserver.store import messages
from mailserver.store.blobs import BlobStore
from mailserver.store.flags import Flag
from mailserver.store.schema import entry, folder, message
from routing.errors import DocumentMissing
from routing.files import attachments, part_name
from routing.standing import Standing
from routing.types import MessageRef, QueueItem, SourceFile, Upload

MAX_TEXT = 100_000  # characters of a message's own text that are shown and read


@dataclass(frozen=True, slots=True)
class Source:
    """A message in the agency's mailbox. files: parts that would become files of the document."""

    item: QueueItem
    structure: Structure
    message_id: str | None

    @property
    def files(self) -> list[Part]:
        return attachments(list(self.structure.walk()))


_COLUMNS = (
    entry.c.folder_id,
    entry.c.uid,
    entry.c.message_pk,
    entry.c.flags,
    entry.c.internal_date,
    message.c.sender,
    message.c.subject,
    message.c.preview,
    message.c.attachments,
    message.c.size,
)


def waiting(conn: Connection, folder_id: int, limit: int) -> list[QueueItem]:
    """Messages of a folder that are not marked deleted, the oldest first."""
    query = (
        select(*_COLUMNS)
        .join(message, message.c.id == entry.c.message_pk)
        .where(entry.c.folder_id == folder_id, entry.c.flags.op("&")(int(Flag.DELETED)) == 0)
        .order_by(entry.c.internal_date, entry.c.uid)
    )
    return [_item(row) for row in conn.execute(query.limit(limit))]


def find(conn: Connection, standing: Standing, ref: MessageRef) -> Source:
    """The message, if the actor registers for the agency in whose mailbox it is. Raises DocumentMissing."""
    query = (
        select(*_COLUMNS, folder.c.owner_id)
        .join(message, message.c.id == entry.c.message_pk)
        .join(folder, folder.c.id == entry.c.folder_id)
        .where(entry.c.folder_id == ref.folder_id, entry.c.uid == ref.uid)
    )
    row = conn.execute(query).first()
    if row is None or row.owner_id != standing.agency_mailbox:
        raise DocumentMissing("source-taken" if row is None else None)
    info = messages.info(conn, row.message_pk)
    return Source(_item(row), info.structure, info.message_id)


def text(conn: Connection, blobs: BlobStore, source: Source) -> str:
    """What the message itself says, plain; HTML without its tags where there is nothing else."""
    html = ""
    for part in source.structure.walk():
        if part.type != "text" or part.is_attachment or part.children:
            continue
        octets = messages.read_octets(conn, blobs, source.item.message_pk, *_first(part))
        words = text_of(octets, part)
        if part.subtype != "html":
            return words[:MAX_TEXT]
        html = html or html_to_text(words)
    return html[:MAX_TEXT]


def as_file(conn: Connection, blobs: BlobStore, source: Source) -> Upload:
    """A message without attachments as the document's file: who, when, about what, and its text."""
    item = source.item
    received = f"{item.received_at.astimezone(OFFICE_ZONE):%H:%M %d/%m/%Y}"
    head = f"Người gửi: {item.sender}\nNhận lúc: {received}\nTiêu đề: {item.subject}\n\n"
    # The mark at the beginning tells every program that it is UTF-8.
    return Upload("noi-dung-thu.txt", "text/plain", (head + text(conn, blobs, source)).encode("utf-8-sig"))


def sender_name(conn: Connection, source: Source) -> str:
    """The display name of the author, "" if the message gives none."""
    header = messages.info(conn, source.item.message_pk).header
    authors = scan(header).from_
    return authors[0].name if authors else ""


def describe(part: Part) -> SourceFile:
    size = part.body[1] - part.body[0]
    decoded = size * 3 // 4 if part.encoding == "base64" else size
    return SourceFile(part_name(part), part.filename or "", part.media_type, decoded)


def _first(part: Part) -> tuple[int, int]:
    start, end = part.body
    return start, min(end, start + MAX_TEXT * 8)


def _item(row: object) -> QueueItem:
    values = row._mapping  # type: ignore[attr-defined]
    return QueueItem(
        ref=MessageRef(values["folder_id"], values["uid"]),
        message_pk=values["message_pk"],
        received_at=datetime.fromtimestamp(values["internal_date"], UTC),
        sender=values["sender"],
        subject=values["subject"],
        preview=values["preview"],
        attachments=values["attachments"],
        size=values["size"],
        seen=bool(values["flags"] & Flag.SEEN),
    )
