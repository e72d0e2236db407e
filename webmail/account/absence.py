"""Being away: from when to when, who acts meanwhile, and what those who write are told."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from mailserver.directory import absences, principals
from mailserver.directory.absences import Absence, Wish
from mailserver.directory.errors import AbsenceInvalid, NoSuchAbsence
from mailserver.directory.records import Principal
from webmail.auth.current import actor, current_user
from webmail.formats import day, today
from webmail.i18n import _, _l
from webmail.notes import say
from webmail.services import services

bp = Blueprint("absence", __name__, url_prefix="/tai-khoan/vang-mat")


class AbsenceForm(FlaskForm):
    """deputy: a principal's id, "0" for nobody. text: "" answers nobody."""

    starts_on = DateField(_l("Từ ngày"), [InputRequired(_l("Hãy chọn ngày bắt đầu."))])
    ends_on = DateField(_l("Đến hết ngày"), [InputRequired(_l("Hãy chọn ngày cuối cùng."))])
    deputy = SelectField(_l("Người xử lý thay"), coerce=int)
    text = TextAreaField(_l("Lời nhắn tự động"), [Length(max=absences.MAX_TEXT, message=_l("Tối đa 4.000 ký tự."))])


@bp.get("/")
def index() -> str:
    """One's absences that are not over, and the form for another."""
    form = AbsenceForm(formdata=None, starts_on=today())
    return _render(form)


@bp.post("/")
def announce() -> ResponseReturnValue:
    """Form: starts_on, ends_on, deputy, text. 303; 422 and the form if it cannot be."""
    form = AbsenceForm()
    form.deputy.choices = _choices(_colleagues())
    if form.validate_on_submit() and _announced(form):
        say(_("Đã ghi lịch vắng mặt."))
        return redirect(url_for("absence.index"), code=303)
    return _render(form), 422


@bp.post("/<int:absence_id>/tro-lai")
def come_back(absence_id: int) -> ResponseReturnValue:
    """Form: back_on, the first day of work, also a past one; before the first day of the absence it is taken
    back altogether. 404 for an absence that is over or another's; 422 for a day that is none."""
    own_id = current_user().principal_id
    try:
        back_on = date.fromisoformat(request.form.get("back_on", ""))
        services().store.db.write(lambda tx: absences.return_tx(tx, own_id, absence_id, back_on), actor())
    except NoSuchAbsence:
        abort(404)
    except (ValueError, AbsenceInvalid):
        say(_("Ngày trở lại phải nằm trong thời gian vắng mặt."), error=True)
    else:
        say(_("Đã ghi: bạn làm việc lại từ %(day)s.", day=day(back_on)))
    return redirect(url_for("absence.index"), code=303)


def _announced(form: AbsenceForm) -> bool:
    """Store it; on failure the form carries the reason and nothing has changed."""
    own_id = current_user().principal_id
    wish = Wish(form.starts_on.data, form.ends_on.data, form.deputy.data or None, form.text.data or "")
    try:
        services().store.db.write(lambda tx: absences.announce_tx(tx, own_id, wish), actor())
    except AbsenceInvalid as invalid:
        name, sentence = _faults()[invalid.field]
        form[name].errors = [sentence]
        return False
    return True


def _faults() -> dict[str, tuple[str, str]]:
    """The form's field and the sentence for each of `AbsenceInvalid`."""
    return {
        "starts_on": ("starts_on", _("Bạn đã ghi một lần vắng mặt khác trong thời gian này.")),
        "ends_on": ("ends_on", _("Ngày cuối phải sau ngày bắt đầu, và không quá ba năm.")),
        "over": ("ends_on", _("Thời gian này đã qua.")),
        "text": ("text", _("Tối đa 4.000 ký tự.")),
        "deputy": ("deputy", _("Không chọn được người này.")),
        "deputy_away": ("deputy", _("Người này cũng vắng mặt trong thời gian ấy.")),
        "deputy_unit": ("deputy", _("Trưởng đơn vị phải ủy quyền cho người của đơn vị mình.")),
    }


def _colleagues() -> list[Principal]:
    own_id, day_ = current_user().principal_id, today()
    return services().store.db.read(lambda conn: absences.deputies(conn, own_id, day_))


def _choices(colleagues: list[Principal]) -> list[tuple[int, str]]:
    return [(0, _("Không có ai")), *((one.id, f"{one.name} <{one.address}>") for one in colleagues)]


def _render(form: AbsenceForm) -> str:
    own_id, day_ = current_user().principal_id, today()

    def read(conn: Connection) -> tuple[list[Absence], dict[int, Principal]]:
        found = absences.upcoming(conn, own_id, day_)
        return found, principals.get_many(conn, {one.deputy_id for one in found if one.deputy_id is not None})

    form.deputy.choices = _choices(_colleagues())
    upcoming, deputies = services().store.db.read(read)
    return render_template("account/absence.html", form=form, upcoming=upcoming, deputies=deputies, today=day_)
