"""The document page, its files, and the acts on it. Rights, table and guards are the services'."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from routing import cases, extensions, journeys, views
from routing.errors import Incomplete
from routing.types import OpenedFile, Upload
from webmail import downloads, viewing
from webmail.auth.current import actor
from webmail.documents import acts, pages
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
from webmail.i18n import _
from webmail.notes import say
from webmail.pageimages import NotRenderable
from webmail.services import services

bp = Blueprint("documents", __name__, url_prefix="/van-ban")


@bp.get("/<int:document_id>")
def show(document_id: int) -> ResponseReturnValue:
    """The document; the reader's own step counts as read from now on. 404 for strangers."""
    step = pages.load(document_id).my_step
    if step is not None and step.read_at is None:
        journeys.mark_read(services().store, actor(), step.id)
    return pages.render(document_id)


def _open_file(document_id: int, file_id: int) -> OpenedFile:
    return views.open_file(services().store, actor(), document_id, file_id, services().clock())


@bp.get("/<int:document_id>/tep/<int:file_id>")
def file(document_id: int, file_id: int) -> Response:
    """The file, to be saved; the audit says who did. 404 for strangers."""
    opened = _open_file(document_id, file_id)
    views.note_saved(services().store, actor(), document_id, file_id)
    return downloads.download(opened.data, opened.filename, opened.media_type)


@bp.get("/<int:document_id>/tep/<int:file_id>/hinh")
def picture(document_id: int, file_id: int) -> Response:
    """The file if its octets are those of a picture, else 404."""
    opened = _open_file(document_id, file_id)
    media_type = downloads.sniffed(opened.data)
    if media_type is None:
        abort(404)
    return downloads.picture(opened.data, media_type)


@bp.get("/<int:document_id>/tep/<int:file_id>/trang/<int:number>/<int:width>.jpg")
def page_image(document_id: int, file_id: int, number: int, width: int) -> Response:
    """One page of a PDF as a picture; 404 if it cannot be rendered."""
    opened = _open_file(document_id, file_id)
    try:
        image = viewing.images().page(opened.sha256, number, width, lambda: opened.data)
    except NotRenderable:
        abort(404)
    return downloads.picture(image, "image/jpeg")


def _done(document_id: int, form: FlaskForm, name: str, work: Callable[[], object], said: str) -> ResponseReturnValue:
    """Validate, act, say so: 303 to the document; 422 and the page with what was typed if not.

    403, 404 and 409 are the error table's.
    """
    if form.validate_on_submit():
        try:
            work()
        except Incomplete as refusal:
            acts.refused(form, refusal)
        else:
            say(said)
            return redirect(url_for("documents.show", document_id=document_id), code=303)
    return pages.render(document_id, {name: form}), 422


def _document_of(step_id: int) -> int:
    who, now = actor(), services().clock()
    return services().store.db.read(lambda conn: views.document_of_step(conn, who, step_id, now))


@bp.post("/<int:document_id>/trinh")
def submit(document_id: int) -> ResponseReturnValue:
    """Put a registered document before the leader (trình). Form: note, to."""
    pages.load(document_id)
    form = acts.bound(SubmitForm, "submit")

    def work() -> None:
        journeys.submit(services().store, actor(), document_id, note=form.note.data or "", to=form.to.data or None)

    return _done(document_id, form, "submit", work, _("Đã trình lãnh đạo."))


@bp.post("/buoc/<int:step_id>/chuyen")
def direct(step_id: int) -> ResponseReturnValue:
    """Give a direction and pass the document on (cho ý kiến, chuyển). Form: text, due_on, cc."""
    document_id = _document_of(step_id)
    form = acts.bound(DirectForm, "direct")

    def work() -> None:
        data = {"due_on": form.due_on.data, "cc": form.chosen_cc}
        journeys.direct(services().store, actor(), step_id, form.text.data, **data)

    return _done(document_id, form, "direct", work, _("Đã chuyển văn bản."))


@bp.post("/buoc/<int:step_id>/giao")
def assign(step_id: int) -> ResponseReturnValue:
    """Give the document to one main handler (giao xử lý). Form: instruction, main, due_on, cc."""
    document_id = _document_of(step_id)
    form = acts.bound(AssignForm, "assign")

    def work() -> None:
        data = {"due_on": form.due_on.data, "cc": form.chosen_cc}
        journeys.assign(services().store, actor(), step_id, form.main.data, form.instruction.data, **data)

    return _done(document_id, form, "assign", work, _("Đã giao xử lý."))


@bp.post("/buoc/<int:step_id>/tra-lai")
def give_back(step_id: int) -> ResponseReturnValue:
    """Give a step back to whoever assigned it (trả lại). Form: reason, required, at most 2,000 characters."""
    document_id = _document_of(step_id)
    form = acts.bound(ReturnForm, "give_back")

    def work() -> None:
        journeys.give_back(services().store, actor(), step_id, form.reason.data)

    return _done(document_id, form, "give_back", work, _("Đã trả lại văn bản."))


@bp.post("/buoc/<int:step_id>/ket-thuc")
def finish(step_id: int) -> ResponseReturnValue:
    """Finish the document (kết thúc). Form: result."""
    document_id = _document_of(step_id)
    form = acts.bound(FinishForm, "finish")

    def work() -> None:
        journeys.finish(services().store, actor(), step_id, form.result.data or "")

    return _done(document_id, form, "finish", work, _("Đã kết thúc xử lý văn bản."))


@bp.post("/<int:document_id>/mo-lai")
def reopen(document_id: int) -> ResponseReturnValue:
    """Open a finished document again (mở lại). Form: reason, due_on."""
    pages.load(document_id)
    form = acts.bound(ReopenForm, "reopen")

    def work() -> None:
        journeys.reopen(services().store, actor(), document_id, form.reason.data, due_on=form.due_on.data)

    return _done(document_id, form, "reopen", work, _("Đã mở lại văn bản; người xử lý và văn thư đã được báo."))


@bp.post("/<int:document_id>/xin-gia-han")
def ask_time(document_id: int) -> ResponseReturnValue:
    """Ask for more time (xin gia hạn). Form: due_on, reason."""
    pages.load(document_id)
    form = acts.bound(AskTimeForm, "ask_time")

    def work() -> None:
        extensions.ask(services().store, actor(), document_id, form.reason.data, form.due_on.data)

    return _done(document_id, form, "ask_time", work, _("Đã gửi đề nghị gia hạn."))


@bp.post("/<int:document_id>/gia-han")
def decide_time(document_id: int) -> ResponseReturnValue:
    """Decide on a request for more time. Form: decision "grant" or "refuse", due_on, reason."""
    pages.load(document_id)
    form = acts.bound(DecideTimeForm, "decide_time")
    grants = request.form.get("decision") == "grant"

    def work() -> None:
        if grants:
            extensions.grant(services().store, actor(), document_id, form.reason.data or "", form.due_on.data)
        else:
            extensions.refuse(services().store, actor(), document_id, form.reason.data or "")

    said = _("Đã cho gia hạn.") if grants else _("Đã từ chối gia hạn.")
    return _done(document_id, form, "decide_time", work, said)


@bp.post("/<int:document_id>/y-kien")
def opine(document_id: int) -> ResponseReturnValue:
    """Add an opinion. Form: text, files."""
    pages.load(document_id)
    form = acts.bound(OpinionForm, "opinion")

    def work() -> None:
        uploads = [Upload(one.filename, one.mimetype, one.read()) for one in form.files.data or [] if one.filename]
        journeys.add_opinion(services().store, actor(), document_id, form.text.data, uploads=uploads)

    return _done(document_id, form, "opinion", work, _("Đã ghi ý kiến."))


@bp.post("/<int:document_id>/thong-bao")
def notify(document_id: int) -> ResponseReturnValue:
    """Let others know (thông báo). Form: cc, each with its text."""
    pages.load(document_id)
    form = acts.bound(NotifyForm, "notify")

    def work() -> None:
        journeys.notify(services().store, actor(), document_id, form.chosen_cc)

    return _done(document_id, form, "notify", work, _("Đã thông báo."))


@bp.post("/<int:document_id>/ho-so")
def file_in_case(document_id: int) -> ResponseReturnValue:
    """Put the document into a case file. Form: case_id, or title and code of a new one."""
    pages.load(document_id)
    form = acts.bound(FileForm, "file")

    def work() -> None:
        store, who, case_id = services().store, actor(), form.case_id.data or 0
        title = (form.title.data or "").strip()
        if not case_id and not title:
            raise Incomplete("case")
        if title:
            case_id = cases.create(store, who, title, code=(form.code.data or "").strip())
        cases.file_in_case(store, who, document_id, case_id)

    return _done(document_id, form, "file", work, _("Đã đưa vào hồ sơ."))
