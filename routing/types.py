"""What travels between routing and its callers: enumerations and frozen values, no behaviour.

Identifiers are database keys. Dates without a time are days of the agency's calendar; times are
aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, IntEnum, unique


@unique
class State(Enum):
    """Where the main line of an incoming document stands (exactly one place at a time)."""

    NEW = "new"  # tiếp nhận: not in the register yet
    REGISTERED = "registered"  # đã vào sổ
    AWAITING = "awaiting_direction"  # chờ ý kiến chỉ đạo, at a stage of the agency's route
    WITH_UNIT = "with_unit"  # đã giao cho đơn vị
    WITH_HANDLER = "with_handler"  # người được giao đang xử lý
    FINISHED = "finished"  # kết thúc


@unique
class Action(Enum):
    """What somebody does to a document. The value stands in history, events and `Vanthu-Action`."""

    REGISTER = "register"  # vào sổ
    SUBMIT = "submit"  # trình
    DIRECT = "direct"  # cho ý kiến, chuyển bước sau của luồng
    ASSIGN = "assign"  # giao xử lý
    RETURN = "return"  # trả lại
    OPINE = "opinion"  # thêm ý kiến
    NOTIFY = "notify"  # thông báo cho người khác biết
    FILE = "file"  # đưa vào hồ sơ
    FINISH = "finish"  # kết thúc


@unique
class Role(Enum):
    """What an actor is to one document."""

    CLERK = "clerk"  # văn thư: may register for the agency
    DECIDER = "decider"  # acts for the stage of the route that has the document
    UNIT_HEAD = "unit_head"  # acts for the unit that has, or whose member has, the document
    HANDLER = "handler"  # the one main handler
    SUPERVISOR = "supervisor"  # acted on it earlier and passed it on
    READER = "reader"  # in copy
    STRANGER = "stranger"


@unique
class StepRole(Enum):
    """Main handler, or in copy (1201/QĐ-SYT knows no other; 132/QĐ-STTTT, Điều 10 khoản 9)."""

    MAIN = "main"
    CC = "cc"


@unique
class StepState(Enum):
    PENDING = "pending"  # lies in Chờ xử lý (main) or Để biết (cc)
    DONE = "done"  # passed on, or finished
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"  # given to somebody else by the one who had assigned it
    READ = "read"  # cc only


@unique
class Urgency(IntEnum):
    """Độ khẩn (30/2020/NĐ-CP, Điều 4)."""

    NORMAL = 0
    URGENT = 1  # khẩn
    VERY_URGENT = 2  # thượng khẩn
    FLASH = 3  # hỏa tốc


@unique
class Secrecy(IntEnum):
    """Độ mật; anything above NORMAL is refused (1201/QĐ-SYT, Điều 3 khoản 5)."""

    NORMAL = 0
    SECRET = 1
    TOP_SECRET = 2
    MOST_SECRET = 3


@unique
class Treatment(Enum):
    """What is asked of the agency."""

    TASK = "task"  # xử lý
    COMMENT = "comment"  # góp ý (shown blue; 1201/QĐ-SYT, Điều 5 khoản 6)
    INFORMATION = "information"  # để biết


@unique
class FileRole(Enum):
    MAIN = "main"  # the document itself
    ANNEX = "annex"  # phụ lục, tài liệu kèm
    EDITABLE = "editable"  # bản Word
    OPINION = "opinion"  # came with an opinion


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
    arrived_on: None means today. due_on: hạn xử lý of the whole document.
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


@dataclass(frozen=True, slots=True)
class Party:
    """A principal as lists and the journey show it. kind: "unit", "post", "person", "agency", …

    holder: for a post, the name of whoever holds it today, else "".
    """

    id: int
    kind: str
    name: str
    address: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """One line of a list. number/year: số đến. overdue: open and past `due_on`."""

    id: int
    number: int
    year: int
    fields: Fields
    state: State
    registered_at: datetime
    finished_at: datetime | None
    holder: Party | None
    due_on: date | None
    overdue: bool
    files: int


@dataclass(frozen=True, slots=True)
class FileView:
    id: int
    role: FileRole
    filename: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the journey, oldest first.

    sender: who gave it (the person); sender_for: the post or unit that person acted for.
    text: the instruction, or for a cc the words that went with it. mail: where the step's message
    lies in the assignee's mailbox, or None once it was deleted.
    level: "leader", "unit", "specialist" or "registry": the opinion levels of the phiếu giải quyết
    (30/2020/NĐ-CP, Phụ lục IV.VII), for label and colour.
    """

    id: int
    parent_id: int | None
    role: StepRole
    state: StepState
    action: Action
    sender: Party | None
    sender_for: Party | None
    assignee: Party
    text: str
    due_on: date | None
    opened_at: datetime
    read_at: datetime | None
    closed_at: datetime | None
    closed_by: Party | None
    close_note: str
    level: str
    mail: MessageRef | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpinionView:
    id: int
    step_id: int | None
    author: Party
    on_behalf_of: Party | None
    text: str
    by_mail: bool
    at: datetime
    level: str
    files: tuple[FileView, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened; never changed, never removed.

    note: the words given. detail: further facts, such as {"case": "05.QH"}.
    """

    id: int
    at: datetime
    actor: Party | None
    on_behalf_of: Party | None
    action: str
    from_state: str
    to_state: str
    target: Party | None
    note: str
    door: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case file (hồ sơ). code: its notation in the agency's list, "05.QH"."""

    id: int
    code: str
    title: str
    year: int
    owner: Party
    documents: int
    closed: bool


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The document page.

    current: the pending main step, or None. waiting_since: when it came to its holder.
    may: what the reader may do now; the service checks again. blockers: for actions the reader's
    role would allow but a guard would refuse now, the sentence that says why.
    """

    summary: DocumentSummary
    files: tuple[FileView, ...]
    steps: tuple[StepView, ...]
    opinions: tuple[OpinionView, ...]
    history: tuple[HistoryLine, ...]
    cases: tuple[CaseView, ...]
    current: StepView | None
    my_step: StepView | None
    waiting_since: datetime | None
    may: frozenset[Action]
    blockers: dict[Action, str]
    source_message: MessageRef | None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A step waiting for the reader. days_left: negative when late, None without a deadline."""

    step_id: int
    document: DocumentSummary
    role: StepRole
    assignee: Party
    sender: Party | None
    text: str
    since: datetime
    due_on: date | None
    days_left: int | None
    overdue: bool
    mail: MessageRef | None


@dataclass(frozen=True, slots=True)
class Work:
    """Việc hôm nay, most pressing first (overdue, then urgency, then deadline)."""

    to_submit: tuple[DocumentSummary, ...]  # đã vào sổ, chờ trình (văn thư)
    to_direct: tuple[WorkItem, ...]  # chờ chỉ đạo
    to_assign: tuple[WorkItem, ...]  # chờ giao, in a unit's queue
    to_handle: tuple[WorkItem, ...]  # được giao
    for_information: tuple[WorkItem, ...]  # để biết, not read yet
    overdue: tuple[WorkItem, ...]  # quá hạn, of all the above
    intake: int  # messages waiting in the intake queue (0 for who may not register)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one line of the statistics; each count is the length of its id tuple."""

    label: str
    party: Party | None
    received: tuple[int, ...]  # đến
    finished: tuple[int, ...]  # đã giải quyết
    open: tuple[int, ...]  # chưa giải quyết, in time
    overdue: tuple[int, ...]  # quá hạn, open
    finished_late: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    filename: str
    media_type: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Assignees:
    """Whom the actor may choose for a step.

    units, people: as main handler. cc: as readers. next_stage: where passing on would lead.
    """

    units: tuple[Party, ...]
    people: tuple[Party, ...]
    cc: tuple[Party, ...]
    next_stage: Party | None
    may_pass_on: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list; total: lines of the whole list."""

    items: tuple[DocumentSummary, ...]
    total: int
