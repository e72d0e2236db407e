"""What the reader of a document may do now, as forms: one of them first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from flask_wtf import FlaskForm
from sqlalchemy import Connection

from mailserver.actor import Actor
from routing import cases, choosing
from routing.errors import Incomplete
from routing.types import Action, Assignees, DocumentView, Party, State
from webmail.documents import words
from webmail.documents.forms import (
    AskTimeForm,
    AssignForm,
    DecideTimeForm,
    DirectForm,
    FileForm,
    FinishForm,
    NotifyForm,
    OpinionForm,
    ReopenForm,
    ReturnForm,
    SubmitForm,
)
from webmail.formats import days_left
from webmail.i18n import _, choose
from webmail.services import services

F = TypeVar("F", bound=FlaskForm)

# What guards call a thing, and what the form calls it.
FIELD_NAMES = {"case": "case_id", "unit": "main", "handler": "main", "text": "text", "code": "code"}


@dataclass(slots=True)
class Acts:
    """Each form is None where the act is not the reader's to do. primary: which stands open, or ""."""

    title: str = ""
    primary: str = ""
    step_id: int = 0
    submit: SubmitForm | None = None
    direct: DirectForm | None = None
    assign: AssignForm | None = None
    give_back: ReturnForm | None = None
    finish: FinishForm | None = None
    reopen: ReopenForm | None = None
    ask_time: AskTimeForm | None = None
    decide_time: DecideTimeForm | None = None
    file: FileForm | None = None
    opinion: OpinionForm | None = None
    notify: NotifyForm | None = None
    assignees: Assignees | None = None
    notify_parties: tuple[Party, ...] = ()
    blockers: tuple[str, ...] = ()
    phrases: tuple[str, ...] = field(default=())

    @property
    def any(self) -> bool:
        return any(getattr(self, name) is not None for name in FORMS)


FORMS: dict[str, tuple[type[FlaskForm], Action]] = {
    "submit": (SubmitForm, Action.SUBMIT),
    "direct": (DirectForm, Action.DIRECT),
    "assign": (AssignForm, Action.ASSIGN),
    "give_back": (ReturnForm, Action.RETURN),
    "finish": (FinishForm, Action.FINISH),
    "reopen": (ReopenForm, Action.REOPEN),
    "ask_time": (AskTimeForm, Action.ASK_TIME),
    "decide_time": (DecideTimeForm, Action.GRANT_TIME),
    "file": (FileForm, Action.FILE),
    "opinion": (OpinionForm, Action.OPINE),
    "notify": (NotifyForm, Action.NOTIFY),
}


def bound(form: type[F], name: str) -> F:
    """The form as sent with this request; its ids differ from those of its neighbours on the page."""
    return _named(form(), name)


def _named(form: F, name: str) -> F:
    for one in form:
        one.id = f"{name}-{one.short_name}"
        one.label.field_id = one.id
    return form


def acts(conn: Connection, actor: Actor, view: DocumentView, sent: dict[str, FlaskForm]) -> Acts:
    """The forms for `view.may`; `sent`: those that came with the request, to be shown again."""
    made = Acts(step_id=view.current.id if view.current else 0, phrases=_phrases())
    for name, (form, action) in FORMS.items():
        if action in view.may or name in sent:
            setattr(made, name, sent.get(name) or _named(form(formdata=None), name))
    _time(view, made, actor, sent)
    made.primary = _primary(view, made)
    made.title = _title(made.primary, view.summary.state)
    made.blockers = (view.blockers[Action.FINISH],) if made.finish and Action.FINISH in view.blockers else ()
    _offer(conn, actor, view, made)
    return made


def refused(form: FlaskForm, refusal: Incomplete) -> None:
    """Put what a service misses beside the field it names, or on top of the form."""
    name = FIELD_NAMES.get(refusal.field, refusal.field)
    sentence = refusal.sentence(choose())
    if name in form:
        form[name].errors = [*form[name].errors, sentence]
    else:
        form.form_errors = [*form.form_errors, sentence]


def _primary(view: DocumentView, made: Acts) -> str:
    """The next step of the document, if it is the reader's to take."""
    state = view.summary.state
    if state is State.REGISTERED and made.submit:
        return "submit"
    if state in (State.AWAITING, State.WITH_UNIT):
        return "assign" if made.assign else "direct" if made.direct else "finish" if made.finish else ""
    if state is State.WITH_HANDLER and made.finish:
        return "file" if made.file and not view.cases and Action.FINISH in view.blockers else "finish"
    return ""


def _title(primary: str, state: State) -> str:
    if state is State.FINISHED:
        return _("Văn bản đã kết thúc")
    return {
        "submit": _("Việc tiếp theo: trình lãnh đạo"),
        "direct": _("Việc của bạn: cho ý kiến chỉ đạo"),
        "assign": _("Việc của bạn: giao xử lý"),
        "file": _("Việc của bạn: đưa vào hồ sơ, rồi kết thúc"),
        "finish": _("Việc của bạn: xử lý, rồi kết thúc"),
    }.get(primary, _("Ý kiến và phối hợp"))


def _offer(conn: Connection, actor: Actor, view: DocumentView, made: Acts) -> None:
    """Fill the choices of the forms."""
    now = services().clock()
    if (made.assign or made.direct or made.notify) and view.current is not None:
        made.assignees = choosing.assignees(conn, actor, view.current.id, now)
        made.notify_parties = made.assignees.cc
    if made.direct and (made.assignees is None or made.assignees.next_stage is None):
        made.direct = None
        made.primary = "" if made.primary == "direct" else made.primary
    left = days_left(view.summary.due_on)
    for form in (made.assign, made.direct):
        # A deadline that has passed is no deadline to give: a new one has to be chosen, or none.
        if form is not None and not form.is_submitted() and left is not None and left >= 0:
            form.due_on.data = view.summary.due_on
    if made.submit is not None:
        offered = choosing.submit_to(conn, actor, view.summary.id, now)
        made.submit.to.choices = [(one.id, words.party(one)) for one in offered]
    if made.file is not None:
        own = cases.cases(conn, actor)
        made.file.case_id.choices = [(0, _("— chọn hồ sơ —")), *((one.id, f"{one.code} {one.title}") for one in own)]


def _time(view: DocumentView, made: Acts, actor: Actor, sent: dict[str, FlaskForm]) -> None:
    """One request at a time, and nobody decides on their own."""
    asked = view.asking
    if asked is not None and "ask_time" not in sent:
        made.ask_time = None
    if asked is None or asked.asked_by.id == actor.principal_id:
        made.decide_time = None
    elif made.decide_time is not None and "decide_time" not in sent:
        made.decide_time.due_on.data = asked.wanted_on


def _phrases() -> tuple[str, ...]:
    return (
        _("Chủ trì xử lý, báo cáo kết quả."),
        _("Nghiên cứu, tham mưu văn bản trả lời."),
        _("Phối hợp các phòng liên quan thực hiện."),
        _("Thực hiện đúng thời hạn."),
        _("Để biết, theo dõi."),
    )
