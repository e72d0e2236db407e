"""The registry desk: mail that waits to be registered, the form, and the document beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from routing import intake
from routing.document_types import NAMES
from routing.errors import Duplicate, Incomplete
from routing.types import (
    Candidate,
    DocumentSummary,
    Fields,
    MessageRef,
    QueueItem,
    Secrecy,
    SourceFile,
    Treatment,
    Urgency,
)
from webmail import viewing
from webmail.auth.current import actor
from webmail.documents import acts, words
from webmail.documents.forms import RegisterForm
from webmail.documents.views import bp
from webmail.formats import number as grouped
from webmail.formats import today
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services
from webmail.viewing import Shown, Source

SUGGESTED = tuple(one.name for one in fields(Fields) if one.name not in ("arrived_on", "note"))


@dataclass(frozen=True, slots=True)
class Desk:
    """The page; item and candidate are None when nothing is open. sparks: where each suggestion is from."""

    queue: list[QueueItem]
    item: QueueItem | None = None
    candidate: Candidate | None = None
    sparks: dict[str, str] = field(default_factory=dict)
    duplicates: list[DocumentSummary] = field(default_factory=list)
    files: tuple[Shown, ...] = ()
    file: Shown | None = None
    types: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    next_url: str = ""


@bp.get("/cho-vao-so")
def desk() -> ResponseReturnValue:
    """The queue, nothing open. Empty for who may not register."""
    return render_template("documents/desk.html", page=Desk(_queue()), form=None)


@bp.get("/cho-vao-so/<int:folder_id>/<int:uid>")
def desk_item(folder_id: int, uid: int) -> ResponseReturnValue:
    """A message of the queue with its form filled from suggestions. 404 if it is not in the queue."""
    ref = MessageRef(folder_id, uid)
    candidate = intake.candidate(services().store, actor(), ref)
    form = RegisterForm(formdata=None, data=_suggested(candidate))
    return _render(form, candidate, _twins(candidate))


@bp.post("/cho-vao-so/<int:folder_id>/<int:uid>")
def register(folder_id: int, uid: int) -> ResponseReturnValue:
    """Vào sổ. Form: see RegisterForm; files: part numbers; accept_duplicate; then: next, submit.

    303 to the next message of the queue, or to the document; 422 and the form if something is
    missing or the document is in the register already; 409 if somebody registered it first.
    """
    ref = MessageRef(folder_id, uid)
    following = _after(ref)
    candidate = intake.candidate(services().store, actor(), ref)
    form = RegisterForm()
    _choices(form)
    if not form.validate_on_submit():
        return _render(form, candidate), 422
    try:
        accept = request.form.get("accept_duplicate") == "1"
        done = intake.register(
            services().store, actor(), ref, form.fields(), files=form.files.data, accept_duplicate=accept
        )
    except Duplicate:
        typed, who = form.fields(), actor()
        twins = services().store.db.read(lambda conn: intake.duplicates(conn, who, typed))
        return _render(form, candidate, twins), 422
    except Incomplete as refusal:
        acts.refused(form, refusal)
        return _render(form, candidate), 422
    say(_("Đã vào sổ, số đến %(n)s.", n=grouped(done.number)))
    if request.form.get("then") == "submit":
        return redirect(url_for("documents.show", document_id=done.document_id, _anchor="viec"), code=303)
    return redirect(following, code=303)


def _queue() -> list[QueueItem]:
    who = actor()
    return services().store.db.read(lambda conn: intake.queue(conn, who))


def _after(ref: MessageRef) -> str:
    """The address of the message after this one in the queue, or of the empty desk."""
    refs = [item.ref for item in _queue()]
    at = refs.index(ref) if ref in refs else -1
    rest = [*refs[at + 1 :], *refs[: max(at, 0)]]
    if not rest:
        return url_for("documents.desk")
    return url_for("documents.desk_item", folder_id=rest[0].folder_id, uid=rest[0].uid)


def _suggested(candidate: Candidate) -> dict[str, object]:
    values: dict[str, object] = {"type_name": "Công văn", "arrived_on": today()}
    for name in SUGGESTED:
        best = candidate.best(name)
        if best is not None:
            values[name] = getattr(best.value, "value", best.value)
    values["files"] = [file.part for file in candidate.files]
    return values


def _twins(candidate: Candidate) -> list[DocumentSummary]:
    """Documents of the register that the suggestions would make again."""
    best = {name: candidate.best(name) for name in ("number", "notation", "issuer", "issued_on")}
    known: dict[str, Any] = {name: one.value for name, one in best.items() if one is not None}
    if not {"number", "notation", "issuer"} <= known.keys():
        return []
    who = actor()
    return services().store.db.read(lambda conn: intake.duplicates(conn, who, Fields(summary="", **known)))


def _choices(form: RegisterForm) -> None:
    form.urgency.choices = [(one.value, words.urgency_name(one)) for one in Urgency]
    form.secrecy.choices = [(one.value, words.secrecy_name(one)) for one in Secrecy]
    who = actor()
    known = services().store.db.read(lambda conn: intake.procedures(conn, who))
    form.procedure.choices = [("", "—"), *((one.name, f"{one.name} ({one.days})") for one in known)]
    form.treatment.choices = [(one.value, words.treatment(one).text) for one in Treatment]


def _render(form: RegisterForm, candidate: Candidate, twins: list[DocumentSummary] | None = None) -> str:
    _choices(form)
    files = [_source(candidate.item.ref, file) for file in candidate.files]
    wanted = request.args.get("tep", "")
    chosen = next((one for one in files if one.key == wanted), files[0] if files else None)
    issuers = dict.fromkeys(str(one.value) for one in candidate.suggestions if one.field == "issuer")
    page = Desk(
        queue=_queue(),
        item=candidate.item,
        candidate=candidate,
        sparks=_sparks(form, candidate),
        duplicates=twins or [],
        files=tuple(viewing.tab(one) for one in files),
        file=viewing.shown(chosen) if chosen else None,
        types=tuple(NAMES),
        issuers=tuple(issuers),
        next_url=_after(candidate.item.ref),
    )
    return render_template("documents/desk.html", page=page, form=form)


def _sparks(form: RegisterForm, candidate: Candidate) -> dict[str, str]:
    """Fields that hold a suggestion as it was made, with where it comes from."""
    found = {}
    for name in SUGGESTED:
        best = candidate.best(name)
        if best is not None and name in form and form[name].data == getattr(best.value, "value", best.value):
            found[name] = _where(best.source)
    return found


def _where(source: str) -> str:
    kind, _colon, name = source.partition(":")
    if kind == "text":
        return _("đọc trong tệp %(name)s", name=name)
    texts = {"subject": _("từ tiêu đề thư"), "filename": _("từ tên tệp"), "sender": _("theo người gửi")}
    return texts.get(kind, source)


def _source(ref: MessageRef, file: SourceFile) -> Source:
    where: dict[str, Any] = {"folder_id": ref.folder_id, "uid": ref.uid, "part": file.part}
    who, store = actor(), services().store
    return Source(
        key=file.part,
        filename=file.filename,
        media_type=file.media_type,
        here=url_for("documents.desk_item", folder_id=ref.folder_id, uid=ref.uid, tep=file.part),
        download=url_for("mail.attachment", **where),
        page_url=lambda number, width: url_for("mail.page_image", **where, number=number, width=width),
        picture_url=url_for("mail.picture", **where),
        load=lambda: intake.open_source_file(store, who, ref, file.part).data,
    )
