"""Files of a document: kept once, by content, whether they came by mail or were uploaded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from mailserver.mime.body import decode_body
from mailserver.mime.structure import Part
from mailserver.store import messages
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.schema import blob
from mailserver.text import nfc, storable
from routing.schema import document_file
from routing.types import FileRole, Upload

MAX_FILENAME = 255
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
# Types that may not be sent in base64 (RFC 2046 §5.1, §5.2.1): such a file travels as plain octets.
_COMPOSITE = ("message/", "multipart/")
_UNKNOWN = "application/octet-stream"
_EDITABLE = ("doc", "docx", "odt", "rtf")
# Parts of step messages and signatures that are nobody's document.
_NOT_FILES = ("application/vnd.vanthu.step+json", "application/pgp-signature", "application/pkcs7-signature")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose content is durable in the blob store. size, stored_size: octets."""

    role: FileRole
    filename: str
    media_type: str
    digest: bytes
    size: int
    stored_size: int
    message_pk: int | None = None
    part: str | None = None


def attachments(root_walk: Sequence[Part]) -> list[Part]:
    """The parts of a message that people see as files, in order."""
    return [part for part in root_walk if part.is_attachment and part.media_type not in _NOT_FILES]


def part_name(part: Part) -> str:
    """IMAP part number as text, "1.2"."""
    return ".".join(str(number) for number in part.path)


def read_part(conn: Connection, blobs: BlobStore, message_pk: int, part: Part) -> bytes:
    """A part's content, transfer encoding undone."""
    return decode_body(messages.read_octets(conn, blobs, message_pk, *part.body), part.encoding)


def keep_parts(conn: Connection, blobs: BlobStore, message_pk: int, parts: Sequence[Part]) -> list[Kept]:
    """Attachments of a stored message as files; nothing is stored twice."""
    kept = []
    for index, part in enumerate(parts):
        content_of = (_safe_type(part.media_type), *_kept_content(conn, blobs, message_pk, part))
        name = _safe_name(part.filename, index)
        role = _role(name, index)
        kept.append(Kept(role, name, *content_of, message_pk, part_name(part)))
    return kept


def _kept_content(conn: Connection, blobs: BlobStore, message_pk: int, part: Part) -> tuple[bytes, int, int]:
    """Digest, size and stored size of a part's content: the message's own blob, or one made for small parts."""
    digest = messages.attachment_digest(conn, message_pk, part)
    row = conn.execute(select(blob.c.size, blob.c.stored_size).where(blob.c.digest == digest)).first()
    if digest is not None and row is not None:
        return digest, row.size, row.stored_size
    content = read_part(conn, blobs, message_pk, part)
    made, stored_size = blobs.put_sized(content)
    return made, len(content), stored_size


def keep_uploads(blobs: BlobStore, uploads: Sequence[Upload], role: FileRole | None = None) -> list[Kept]:
    """Uploaded files, durable on return."""
    kept = []
    for index, upload in enumerate(uploads):
        digest, stored_size = blobs.put_sized(upload.data)
        name = _safe_name(upload.filename, index)
        chosen = role or _role(name, index)
        kept.append(Kept(chosen, name, _safe_type(upload.media_type), digest, len(upload.data), stored_size))
    return kept


def insert_files_tx(tx: Tx, document_id: int, kept: Sequence[Kept], *, opinion_id: int | None = None) -> None:
    """Write the rows and hold the blobs for the document."""
    count = select(func.count()).where(document_file.c.document_id == document_id)
    start = tx.conn.execute(count).scalar_one()
    for position, one in enumerate(kept, start):
        messages.hold_blob_tx(tx, one.digest, one.size, one.stored_size)
        tx.conn.execute(
            insert(document_file).values(
                document_id=document_id,
                role=(FileRole.OPINION if opinion_id is not None else one.role).value,
                position=position,
                filename=one.filename,
                media_type=one.media_type,
                digest=one.digest,
                size=one.size,
                message_pk=one.message_pk,
                part=one.part,
                opinion_id=opinion_id,
                added_by_id=tx.actor.principal_id,
                added_at=tx.now,
            )
        )


def _role(filename: str, index: int) -> FileRole:
    """The first file is the document; Word files are its editable form (1201/QĐ-SYT, Điều 3 khoản 5)."""
    if filename.rsplit(".", 1)[-1].lower() in _EDITABLE:
        return FileRole.EDITABLE
    return FileRole.MAIN if index == 0 else FileRole.ANNEX


def _safe_type(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip().lower()
    return plain if _MEDIA_TYPE.fullmatch(plain) and not plain.startswith(_COMPOSITE) else _UNKNOWN


def _safe_name(name: str | None, index: int) -> str:
    plain = storable(nfc(name or "")).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in plain if c.isprintable()).strip()
    return clean[-MAX_FILENAME:] or f"tep-{index + 1}"
