"""What the services show: documents, journeys, lists, counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from routing.types.given import Fields, MessageRef
from routing.types.states import Action, DueBy, FileRole, State, StepRole, StepState


@dataclass(frozen=True, slots=True)
class Party:
    """A principal as lists and the journey show it. kind: "unit", "post", "person", "agency", …

    holder: for a post, the name of whoever holds it today, else "". away_until: the last day on which the person,
    or the holder, is away; only where somebody is to be chosen.
    """

    id: int
    kind: str
    name: str
    address: str
    holder: str = ""
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """One line of a list. number/year: số đến. overdue: open and past `due_on`.

    holder: who has it now; None once it is finished. receiver: who has it, or had it last: the
    column "đơn vị hoặc người nhận" of the register (30/2020/NĐ-CP, Phụ lục IV). late: days past `due_on` until it
    was finished, or until today, as the agency counts them.
    """

    id: int
    number: int
    year: int
    fields: Fields
    state: State
    registered_at: datetime
    finished_at: datetime | None
    holder: Party | None
    receiver: Party | None
    due_on: date | None
    overdue: bool
    files: int
    due_by: DueBy = DueBy.NONE
    late: int = 0


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
class ExtensionView:
    """Somebody asked for more time. was_due_on: the deadline at that moment. state: "asked", "granted", "refused".

    words: of who decided. granted_on: the day until which, which may be another than `wanted_on`.
    """

    id: int
    step_id: int
    asked_by: Party
    asked_for: Party | None
    asked_at: datetime
    reason: str
    was_due_on: date | None
    wanted_on: date
    state: str
    decided_by: Party | None
    decided_for: Party | None
    decided_at: datetime | None
    granted_on: date | None
    words: str


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
    extensions: tuple[ExtensionView, ...] = ()

    @property
    def asking(self) -> ExtensionView | None:
        """The request for more time that waits for a decision."""
        here = self.current.id if self.current else 0
        return next((one for one in self.extensions if one.state == "asked" and one.step_id == here), None)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A step waiting for the reader. days_left: negative when late, None without a deadline; late: days past it, as
    the agency counts them."""

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
    late: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Việc hôm nay, most pressing first (overdue, then urgency, then deadline)."""

    to_submit: tuple[DocumentSummary, ...]  # đã vào sổ, chờ trình (văn thư)
    to_direct: tuple[WorkItem, ...]  # chờ chỉ đạo
    to_assign: tuple[WorkItem, ...]  # chờ giao, in a unit's queue
    to_handle: tuple[WorkItem, ...]  # được giao
    for_information: tuple[WorkItem, ...]  # để biết, not read yet
    overdue: tuple[WorkItem, ...]  # quá hạn, of all the above
    to_extend: tuple[DocumentSummary, ...]  # xin gia hạn, for who decides
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
