"""What callers give to the services, and what intake shows them before a document exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from routing.types.states import Secrecy, Treatment, Urgency


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message in a folder."""

    folder_id: int
    uid: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file brought in by hand (a scan). filename: as the user's machine called it."""

    filename: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Fields:
    """What the register keeps of an incoming document (30/2020/NĐ-CP, Phụ lục IV and VI).

    number, notation: "1482" and "UBND-KTN" of 1482/UBND-KTN; "12/2026" and "NQ-HĐND" for a
    legal-normative document; both "" for a letter without number.
    issuer: cơ quan ban hành. type_name: tên loại, one of `document_types.NAMES` or free text.
    summary: trích yếu as the clerk wants it; summary_original: as printed on the document.
    arrived_on: None means today. due_on: hạn xử lý of the whole document; procedure: by which it is due if
    nothing else is written, one of the profile's.
    """

    issuer: str
    summary: str
    number: str = ""
    notation: str = ""
    issued_on: date | None = None
    type_name: str = "Công văn"
    summary_original: str = ""
    signer: str = ""
    signer_position: str = ""
    urgency: Urgency = Urgency.NORMAL
    secrecy: Secrecy = Secrecy.NORMAL
    treatment: Treatment = Treatment.TASK
    subject_field: str = ""  # lĩnh vực
    pages: int | None = None
    arrived_on: date | None = None
    due_on: date | None = None
    procedure: str = ""
    note: str = ""

    @property
    def code(self) -> str:
        """Số/ký hiệu as one text, "1482/UBND-KTN"."""
        return "/".join(part for part in (self.number, self.notation) if part)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One proposed value of a field of `Fields`, to be confirmed by the clerk.

    value: as `Fields` wants it. source: "subject", "filename", "text:NAME.pdf" or "sender".
    confidence: 0 to 1. excerpt: the words it was read from, for marking them beside the form.
    """

    field: str
    value: object
    source: str
    confidence: float
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A message in the agency's mailbox that may become a document. size: octets."""

    ref: MessageRef
    message_pk: int
    received_at: datetime
    sender: str
    subject: str
    preview: str
    attachments: int
    size: int
    seen: bool


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An attachment of a message that would become a file of the document.

    part: IMAP part number, "2" or "1.2". size: octets, decoded.
    """

    part: str
    filename: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message of the intake queue opened for registration.

    files: in order of the message. suggestions: best first within a field. next_number: what the
    register would give now; the number is taken only by registering.
    """

    item: QueueItem
    text: str
    files: tuple[SourceFile, ...]
    suggestions: tuple[Suggestion, ...]
    next_number: int

    def best(self, field: str) -> Suggestion | None:
        """The most trusted suggestion for `field`, or None."""
        return next((s for s in self.suggestions if s.field == field), None)


@dataclass(frozen=True, slots=True)
class Registered:
    document_id: int
    number: int
    year: int


@dataclass(frozen=True, slots=True)
class Cc:
    """Somebody in copy; `text` is required (132/QĐ-STTTT, Điều 10 khoản 9)."""

    principal_id: int
    text: str
