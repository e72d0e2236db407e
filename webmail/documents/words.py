"""States, roles and acts in the words of the office: a verb and an owner (who is waited for)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from routing.types import (
    Action,
    DocumentSummary,
    DueBy,
    Party,
    Secrecy,
    State,
    StepRole,
    StepState,
    StepView,
    Treatment,
    Urgency,
)
from webmail.formats import day
from webmail.i18n import _


@dataclass(frozen=True, slots=True)
class Label:
    """A few words and the tone ("", "red", "amber", "green", "blue", "orange", "purple") of their tag."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One dot of the stepper. status: "done", "now" or "todo"."""

    label: str
    status: str


def party(who: Party | None) -> str:
    """A principal by post and holder, "Giám đốc Phùng Khắc Trường", else by name."""
    if who is None:
        return _("hệ thống")
    name = f"{who.name} {who.holder}" if who.holder else who.name
    return _("%(name)s (vắng đến %(day)s)", name=name, day=day(who.away_until)) if who.away_until else name


def waiting(document: DocumentSummary) -> str:
    """Where the document stands, as a sentence that names who is waited for."""
    who = party(document.holder)
    match document.state:
        case State.NEW:
            return _("Chờ văn thư vào sổ")
        case State.REGISTERED:
            return _("Chờ văn thư trình")
        case State.AWAITING:
            return _("Chờ %(who)s cho ý kiến", who=who)
        case State.WITH_UNIT:
            return _("Chờ %(who)s giao người xử lý", who=who)
        case State.WITH_HANDLER:
            return _("%(who)s đang xử lý", who=who)
        case State.FINISHED:
            return _("Đã kết thúc")


def state_label(document: DocumentSummary) -> Label:
    tones = {State.FINISHED: "green", State.AWAITING: "orange", State.REGISTERED: "purple", State.NEW: "purple"}
    texts = {
        State.NEW: _("Chờ vào sổ"),
        State.REGISTERED: _("Đã vào sổ"),
        State.AWAITING: _("Chờ chỉ đạo"),
        State.WITH_UNIT: _("Chờ giao"),
        State.WITH_HANDLER: _("Đang xử lý"),
        State.FINISHED: _("Đã kết thúc"),
    }
    return Label(texts[document.state], tones.get(document.state, "blue"))


def urgency(value: Urgency) -> Label | None:
    """The urgency mark; None for ordinary documents. Red is for hỏa tốc alone."""
    labels = {
        Urgency.URGENT: Label(_("Khẩn"), "amber"),
        Urgency.VERY_URGENT: Label(_("Thượng khẩn"), "amber"),
        Urgency.FLASH: Label(_("Hỏa tốc"), "solid-red"),
    }
    return labels.get(value)


def urgency_name(value: Urgency) -> str:
    label = urgency(value)
    return label.text if label else _("Thường")


def secrecy_name(value: Secrecy) -> str:
    names = {Secrecy.SECRET: _("Mật"), Secrecy.TOP_SECRET: _("Tối mật"), Secrecy.MOST_SECRET: _("Tuyệt mật")}
    return names.get(value, _("Không mật"))


def treatment(value: Treatment) -> Label:
    return {
        Treatment.TASK: Label(_("Xử lý")),
        Treatment.COMMENT: Label(_("Góp ý"), "blue"),
        Treatment.INFORMATION: Label(_("Để biết")),
    }[value]


def level(name: str) -> Label:
    """The opinion level of the phiếu giải quyết (30/2020/NĐ-CP, Phụ lục IV.VII)."""
    return {
        "leader": Label(_("Lãnh đạo"), "orange"),
        "unit": Label(_("Trưởng đơn vị"), "blue"),
        "registry": Label(_("Văn thư"), "purple"),
    }.get(name, Label(_("Chuyên viên")))


def action(name: Action | str) -> str:
    """What somebody did, as the journey tells it."""
    texts = {
        "register": _("vào sổ"),
        "submit": _("trình"),
        "direct": _("cho ý kiến, chuyển"),
        "assign": _("giao xử lý"),
        "return": _("trả lại"),
        "opinion": _("cho ý kiến"),
        "notify": _("thông báo"),
        "file": _("đưa vào hồ sơ"),
        "finish": _("kết thúc"),
        "reopen": _("mở lại"),
        "ask_time": _("xin gia hạn"),
        "grant_time": _("cho gia hạn"),
        "refuse_time": _("không cho gia hạn"),
        "read": _("đã xem"),
    }
    key = name.value if isinstance(name, Action) else name
    return texts.get(key, key)


def due_by(document: DocumentSummary) -> str:
    """Where the deadline comes from."""
    return {
        DueBy.DOCUMENT: _("ghi trên văn bản"),
        DueBy.PROCEDURE: _("theo thủ tục “%(name)s”", name=document.fields.procedure),
        DueBy.LEADER: _("lãnh đạo giao"),
        DueBy.EXTENSION: _("được gia hạn"),
        DueBy.NONE: "",
    }[document.due_by]


def step_state(step: StepView) -> Label:
    if step.role is StepRole.CC and step.state is StepState.PENDING:
        return Label(_("chưa xem"))
    return {
        StepState.PENDING: Label(_("đang chờ"), "amber"),
        StepState.DONE: Label(_("đã xong"), "green"),
        StepState.RETURNED: Label(_("đã trả lại"), "red"),
        StepState.WITHDRAWN: Label(_("đã giao người khác")),
        StepState.READ: Label(_("đã xem"), "green"),
    }[step.state]


ORDER = (State.REGISTERED, State.AWAITING, State.WITH_UNIT, State.WITH_HANDLER, State.FINISHED)


def stages(document: DocumentSummary) -> list[Stage]:
    """The stepper: what is behind, where it is, what is ahead."""
    labels = (_("Vào sổ"), _("Chỉ đạo"), _("Giao việc"), _("Xử lý"), _("Kết thúc"))
    here = ORDER.index(document.state) if document.state in ORDER else -1
    # A registered document has its first dot behind it and waits at none until it is submitted.
    finished = document.state is State.FINISHED
    marks = []
    for place, label in enumerate(labels):
        done = place < here or (place == here and (finished or document.state is State.REGISTERED))
        marks.append(Stage(label, "done" if done else "now" if place == here else "todo"))
    return marks


def init(app: Flask) -> None:
    app.jinja_env.globals["words"] = {
        "party": party,
        "waiting": waiting,
        "state": state_label,
        "urgency": urgency,
        "urgency_name": urgency_name,
        "secrecy_name": secrecy_name,
        "treatment": treatment,
        "level": level,
        "action": action,
        "due_by": due_by,
        "step_state": step_state,
        "stages": stages,
    }
