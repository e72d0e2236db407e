"""The form that hands a file over."""

from __future__ import annotations

import secrets

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from mailbox_policies.sentfiles import coming, posting
from mailbox_policies.sentfiles.coming import Coming
from mailbox_policies.sentfiles.errors import SentFileError
from mailbox_policies.sentfiles.handing import Wish
from mailserver.delivery.errors import PolicyRefused, PolicyWarned, RecipientRefused
from mailserver.delivery.trace import Received
from webmail.auth.current import actor, current_user, remote
from webmail.formats import full_when
from webmail.i18n import _, _l
from webmail.identifiers import identifier
from webmail.mail import recipients
from webmail.mail.forms import one_line
from webmail.mail.refusals import kept_words, policy_words, recipient_words
from webmail.notes import Link, say
from webmail.sentfiles import words
from webmail.sentfiles.uploading import take
from webmail.sentfiles.views import USUAL_DAYS, bp, desk, page
from webmail.services import services


class FileForm(FlaskForm):
    """upload: the number of a file that is there already, "" if it comes with the form. seen: rules whose warnings
    were shown, with "," between."""

    to = StringField(_l("Người nhận"), [one_line, Length(max=50_000)])
    file = FileField(_l("Tệp"))
    days = IntegerField(
        _l("Giữ trong (ngày)"), [Optional(), NumberRange(1, 365, _l("Từ 1 đến 365 ngày."))], default=USUAL_DAYS
    )
    note = TextAreaField(_l("Lời nhắn"), [Length(max=2000, message=_l("Tối đa 2000 ký tự."))])
    upload = HiddenField()
    seen = HiddenField()


@bp.get("/moi")
def new() -> ResponseReturnValue:
    """The form. den: an address; tai: the number of a file that is not sent yet."""
    form = FileForm(formdata=None, data={"to": request.args.get("den", ""), "upload": request.args.get("tai", "")})
    return _form(form)


@bp.post("/moi")
def send() -> ResponseReturnValue:
    """Form: see FileForm. 303 to the file; 422 and the form, which keeps a file that has come in, if something is
    missing or refused."""
    form = FileForm()
    if not form.validate_on_submit():
        return _form(form), 422
    try:
        file = _file(form)
    except SentFileError as fault:
        form.file.errors = [words.fault_words(fault)]
        return _form(form), 422
    if file is None:
        form.file.errors = [_("Hãy chọn tệp.")]
        return _form(form), 422
    form.upload.data = str(file.id)
    read = recipients.read(form.to.data or "", current_user().address.rpartition("@")[2])
    if read.wrong or not read.addresses:
        wrong = _("Không phải địa chỉ thư: %(words)s", words=", ".join(read.wrong))
        form.to.errors = [wrong if read.wrong else _("Hãy nhập người nhận.")]
        return _form(form), 422
    seen = frozenset(filter(None, (form.seen.data or "").split(",")))
    days = form.days.data or USUAL_DAYS
    wish = Wish(tuple(one.addr for one in read.addresses), days, (form.note.data or "").strip(), seen)
    return _handed(form, file, wish)


def _handed(form: FileForm, file: Coming, wish: Wish) -> ResponseReturnValue:
    warnings: list[str] = []
    try:
        trace = Received("", remote(), "HTTP", secrets.token_hex(8))
        handed = posting.hand(desk(), services().delivery, actor(), file.id, wish, trace)
    except RecipientRefused as refusal:
        form.to.errors = [recipient_words(refusal)]
    except PolicyWarned as warned:
        form.seen.data = ",".join(sorted({*wish.confirmed, *(one.verdict.rule for one in warned.refusals)}))
        warnings = [policy_words(one) for one in warned.refusals]
    except PolicyRefused as refused:
        form.file.errors = [policy_words(refused)]
    except SentFileError as fault:
        form.file.errors = [words.fault_words(fault)]
    else:
        if handed.kept:
            say(kept_words(handed.kept), link=Link(url_for("kept.show", kept_id=handed.kept[0].id), _("Xem")))
        else:
            address, when = url_for("sentfiles.show", file_id=file.id), full_when(handed.until)
            text = _("Đã gửi tệp; người nhận được báo bằng thư. Tệp được giữ đến %(when)s.", when=when)
            say(text, link=Link(address, _("Xem")))
        return redirect(url_for("sentfiles.index", xem="gui"), code=303)
    return _form(form, warnings), 422


def _file(form: FileForm) -> Coming | None:
    """The file that came with the form, or is there already; None for neither. Raises SentFileError."""
    given = request.files.get("file")
    if given is not None and given.filename:
        return take(desk(), given)
    try:
        number = identifier(form.upload.data)
    except ValueError:
        return None
    who = actor()
    return services().store.db.read(lambda conn: coming.mine(conn, who, number)) if number else None


def _form(form: FileForm, warnings: list[str] | None = None) -> str:
    try:
        view = page()
    except SentFileError as fault:
        return render_template("sentfiles/off.html", text=words.fault_words(fault))
    chosen = next((one for one in view.unsent if str(one.id) == form.upload.data), None)
    if chosen is None:
        form.upload.data = ""
    return render_template("sentfiles/new.html", form=form, view=view, chosen=chosen, warnings=warnings or [])
