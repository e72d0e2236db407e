"""One message made ready to be read: who, when, its text, its files, what to be wary of."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup, escape
from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import agencies
from mailserver.mime.address import Address
from mailserver.mime.body import decode_body, read_text
from mailserver.mime.charsets import Decoded
from mailserver.mime.header import Header
from mailserver.mime.scan import Scanned, scan
from mailserver.mime.structure import Part, Structure
from mailserver.mime.words import read_words
from mailserver.senderauth.pretence import Pretence, pretences
from mailserver.store import access, folders, listing, messages
from mailserver.store.blobs import BlobStore
from mailserver.store.errors import FolderMissing
from mailserver.store.folders import Folder
from mailserver.store.listing import Line
from mailserver.store.messages import MessageInfo
from mailserver.store.personal import reader_of
from routing.stepmail import STEP_MEDIA_TYPE
from webmail.i18n import _
from webmail.mail import bodies, sanitize
from webmail.mail.plaintext import BIDI_OVERRIDES, paragraphs
from webmail.mail.unwanted import Why

# What is read of a body for the page; the rest is in the original, which can be downloaded.
MOST_BODY_OCTETS = 3_000_000
MOST_INLINE_OCTETS = 6_000_000
PICTURE_TYPES = ("png", "jpeg", "gif", "webp")
NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Opened:
    """A message in a folder that the actor may read."""

    folder: Folder
    line: Line
    info: MessageInfo

    @property
    def ref(self) -> str:
        return f"{self.line.folder_id}.{self.line.uid}"


@dataclass(frozen=True, slots=True)
class File:
    """An attachment. part: IMAP part number. size: octets, about, decoded."""

    part: str
    filename: str
    media_type: str
    size: int
    preview: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What the reading pane shows.

    repaired_from: the encoding from before Unicode in which it is written, "" for none; as_written: the text is
    shown without that having been put right. why: what speaks for its being unwanted, where that matters.
    """

    line: Line
    ref: str
    subject: str
    sender_name: str
    sender_address: str
    on_behalf: str
    to: str
    to_short: str
    cc: str
    reply_to: str
    when: datetime
    is_html: bool
    text_html: Markup
    attachments: tuple[File, ...]
    warnings: tuple[str, ...]
    repaired_from: str = ""
    as_written: bool = False
    why: Why | None = None
    document_id: int | None = None
    may_register: bool = False


def open_message(conn: Connection, actor: Actor, folder_id: int, uid: int) -> Opened:
    """Load with the right to read. Raises FolderMissing for a folder or message that is not to be seen."""
    folder = folders.by_id(conn, folder_id)
    access.require(conn, actor, folder, "r")
    line = listing.line(conn, folder_id, uid, reader_of(folder, actor))
    if line is None:
        raise FolderMissing(f"{folder_id}/{uid}")
    return Opened(folder, line, messages.info(conn, line.message_pk))


def part_of(opened: Opened, number: str) -> Part:
    """The part with an IMAP number such as "1.2". Raises FolderMissing for one that is not there.

    A container is no file, but for one as deep as the list of files looks: it is given as it is.
    """
    try:
        path = tuple(int(step) for step in number.split("."))
    except ValueError:
        path = (0,)
    part = opened.info.structure.section(path) if len(path) <= bodies.DEEPEST else None
    if part is None or (part.children and len(path) < bodies.DEEPEST):
        raise FolderMissing(number)
    return part


def content(conn: Connection, blobs: BlobStore, opened: Opened, part: Part, most: int | None = None) -> bytes:
    """The decoded content of a leaf part; `most`: of its octets on the wire."""
    start, end = part.body
    end = end if most is None else min(end, start + most)
    return decode_body(messages.read_octets(conn, blobs, opened.line.message_pk, start, end), part.encoding)


def raw_text(conn: Connection, blobs: BlobStore, opened: Opened, part: Part) -> str:
    return _decoded(conn, blobs, opened, part).text.replace("\r\n", "\n")


def _decoded(conn: Connection, blobs: BlobStore, opened: Opened, part: Part) -> Decoded:
    start, end = part.body
    octets = messages.read_octets(conn, blobs, opened.line.message_pk, start, min(end, start + MOST_BODY_OCTETS))
    return read_text(octets, part)


def _shown(read: Decoded, *, as_written: bool) -> str:
    return (read.stated if as_written else read.text).replace("\r\n", "\n")


def letter(conn: Connection, blobs: BlobStore, opened: Opened, *, as_written: bool = False) -> Letter:
    """What the reading pane shows; an HTML body is left to its own frame."""
    header = scan(opened.info.header)
    subject = read_words(Header(opened.info.header).get(b"subject") or b"")
    chosen = bodies.choose(opened.info.structure)
    texts = [_decoded(conn, blobs, opened, part) for part in chosen.shown]
    text = Markup("")
    if not chosen.has_html:
        text = Markup("").join(paragraphs(_shown(read, as_written=as_written)) for read in texts)
    author = header.from_[0] if header.from_ else None
    name, address = _shown_name(author)
    return Letter(
        line=opened.line,
        ref=opened.ref,
        subject=plain(" ".join(subject.stated.split()) if as_written else opened.info.subject),
        sender_name=name,
        sender_address=address,
        on_behalf=_on_behalf(header),
        to=everybody(header.to),
        to_short=_shortly((*header.to, *header.cc)),
        cc=everybody(header.cc),
        reply_to=everybody(header.reply_to) if _differs(header) else "",
        when=datetime.fromtimestamp(opened.line.internal_date, UTC),
        is_html=chosen.has_html,
        text_html=text,
        attachments=files_of(opened.info.structure),
        warnings=_warnings(header, agencies.domains(conn)),
        repaired_from=_encodings([subject, *texts]),
        as_written=as_written,
    )


def _encodings(texts: Sequence[Decoded]) -> str:
    return ", ".join(sorted({read.repaired.encoding for read in texts if read.repaired is not None}))


def html_body(conn: Connection, blobs: BlobStore, opened: Opened, *, as_written: bool = False) -> sanitize.Clean:
    """The shown parts of an HTML mail as one harmless piece of HTML."""
    chosen = bodies.choose(opened.info.structure)
    inline = _inline_pictures(conn, blobs, opened, chosen.inline)
    pieces, blocked = [], 0
    for part in chosen.shown:
        text = _shown(_decoded(conn, blobs, opened, part), as_written=as_written)
        if part.subtype == "html":
            cleaned = sanitize.clean(text, inline)
            pieces.append(cleaned.html)
            blocked += cleaned.blocked
        else:
            pieces.append(f"<pre>{escape(text)}</pre>")
    return sanitize.Clean("\n".join(pieces), blocked)


def _inline_pictures(conn: Connection, blobs: BlobStore, opened: Opened, parts: dict[str, Part]) -> dict[str, str]:
    pictures, room = {}, MOST_INLINE_OCTETS
    for content_id, part in parts.items():
        length = part.body[1] - part.body[0]
        if part.subtype not in PICTURE_TYPES or length > room:
            continue
        room -= length
        data = base64.b64encode(content(conn, blobs, opened, part)).decode("ascii")
        pictures[content_id] = f"data:image/{part.subtype};base64,{data}"
    return pictures


def files_of(structure: Structure) -> tuple[File, ...]:
    """The attachments people see; the part of a step message that is for machines is not one."""
    return tuple(file_of(part) for part in bodies.choose(structure).attachments if part.media_type != STEP_MEDIA_TYPE)


def file_of(part: Part) -> File:
    name = plain(part.filename or "") or _("tệp %(part)s", part=".".join(map(str, part.path)))
    octets = part.body[1] - part.body[0]
    size = octets * 57 // 78 if part.encoding == "base64" else octets  # lines of 76 and CRLF (RFC 2045 §6.8)
    return File(".".join(map(str, part.path)), name, part.media_type, size, _previewable(part.media_type, name))


def _previewable(media_type: str, name: str) -> bool:
    kind, _slash, subtype = media_type.partition("/")
    return (
        media_type == "application/pdf"
        or (kind == "image" and subtype in PICTURE_TYPES)
        or media_type in ("text/plain", "text/csv", "message/rfc822")
        or name.casefold().endswith(".pdf")
    )


def plain(text: str) -> str:
    """One line without the marks that turn text around."""
    return BIDI_OVERRIDES.sub("", text).strip()


def everybody(addresses: Sequence[Address]) -> str:
    return plain(", ".join(address.display for address in addresses))


def _shown_name(author: Address | None) -> tuple[str, str]:
    if author is None:
        return _("(không rõ người gửi)"), ""
    return plain(author.name) or author.addr, f"<{author.addr}>" if author.name else ""


def _shortly(addresses: Sequence[Address]) -> str:
    names = [plain(address.name) or address.addr for address in addresses[:NAMES_SHOWN]]
    more = len(addresses) - NAMES_SHOWN
    return ", ".join(names) + (_(" và %(n)s người khác", n=more) if more > 0 else "") if names else "–"


def _differs(header: Scanned) -> bool:
    authors = {address.addr.casefold() for address in header.from_}
    return any(address.addr.casefold() not in authors for address in header.reply_to)


def _on_behalf(header: Scanned) -> str:
    authors = {address.addr.casefold() for address in header.from_}
    others = [address for address in header.sender if address.addr.casefold() not in authors]
    return everybody(others)


def _warnings(header: Scanned, ours: Collection[str]) -> tuple[str, ...]:
    """What a careful reader would notice about the author."""
    author = header.from_[0].addr if header.from_ else ""
    sentences = {
        Pretence.OTHER_ADDRESS: _(
            "Tên người gửi chứa một địa chỉ khác với địa chỉ thật là %(address)s.", address=author
        ),
        Pretence.OUR_DOMAIN: _("Tên người gửi nhắc đến cơ quan ta, nhưng thư đến từ %(address)s.", address=author),
        Pretence.MIXED_LETTERS: _("Tên hoặc địa chỉ người gửi trộn chữ của nhiều bảng chữ cái trông giống nhau."),
        Pretence.LIKE_OURS: _(
            "Địa chỉ %(address)s trông giống địa chỉ của cơ quan ta, nhưng không phải.", address=author
        ),
        Pretence.ANSWERS_ELSEWHERE: _("Thư trả lời sẽ đến địa chỉ thuộc nơi khác với người gửi."),
    }
    return tuple(sentences[kind] for kind in pretences(header, ours))
