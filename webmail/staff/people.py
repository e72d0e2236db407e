"""The people of the agency, for administrators: who works here, who is away, who leaves when, and the minutes."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from mailserver.directory.alphabet import by_given_name
from mailserver.directory.departures import MAX_APPROVAL, Cause, Wish
from mailserver.directory.errors import DepartureInvalid, NoSuchDeparture, NoSuchPrincipal
from mailserver.directory.records import Principal
from routing import handover_paper, staff, staff_accounts, suspension
from routing.staff import Member
from routing.suspension import Suspension
from webmail import downloads
from webmail.auth.current import actor
from webmail.i18n import _, _l
from webmail.notes import Undo, say
from webmail.services import services
from webmail.staff.views import bp

CAUSES = {Cause.RETIREMENT.value: _l("Nghỉ hưu"), Cause.TRANSFER.value: _l("Chuyển công tác")}


class DepartureForm(FlaskForm):
    """successor: a person's id, 0 for the office."""

    cause = SelectField(_l("Lý do"))
    starts_on = DateField(_l("Khóa từ ngày"), [InputRequired(_l("Hãy chọn ngày."))])
    approval = StringField(
        _l("Văn bản quyết định"),
        [InputRequired(_l("Hãy ghi văn bản quyết định.")), Length(max=MAX_APPROVAL, message=_l("Quá dài."))],
    )
    successor = SelectField(_l("Người tiếp nhận"), coerce=int)


@bp.get("/")
def index() -> str:
    """Everybody. 404 for who is no administrator."""
    by, now = actor(), services().clock()
    found = services().store.db.read(lambda conn: staff.members(conn, by, now))
    return render_template("staff/index.html", members=found, CAUSES=CAUSES)


@bp.get("/<int:person_id>")
def show(person_id: int) -> str:
    """One person; the minutes of the hand-over once it has happened. 404 for people of others."""
    return _show(person_id, DepartureForm(formdata=None))


@bp.post("/<int:person_id>/roi-co-quan")
def schedule(person_id: int) -> ResponseReturnValue:
    """Form: cause, starts_on, approval, successor. 303; 422 and the form if it cannot be; 404."""
    form, now = DepartureForm(), services().clock()
    _offer(form, person_id)
    if form.validate_on_submit():
        wish = Wish(
            Cause(form.cause.data), form.starts_on.data, form.approval.data.strip(), form.successor.data or None
        )
        try:
            services().store.db.write(lambda tx: staff.schedule_tx(tx, person_id, wish, now), actor())
        except NoSuchPrincipal:
            abort(404)
        except DepartureInvalid as invalid:
            field = invalid.field if invalid.field in form else "cause"
            form[field].errors = [_("Không ghi được: người này đã có lịch, hoặc đã đi."), *form[field].errors]
        else:
            undo = Undo(url_for("staff.cancel", person_id=person_id), ())
            say(_("Đã ghi. Đến ngày, tài khoản tự khóa và được bàn giao."), undo)
            return redirect(url_for("staff.show", person_id=person_id), code=303)
    return _show(person_id, form), 422


@bp.post("/<int:person_id>/o-lai")
def cancel(person_id: int) -> ResponseReturnValue:
    """Take a departure back before its day. 404 if there is none."""
    now = services().clock()
    try:
        services().store.db.write(lambda tx: staff.cancel_tx(tx, person_id, now), actor())
    except (NoSuchDeparture, NoSuchPrincipal):
        abort(404)
    say(_("Đã bỏ lịch rời cơ quan."))
    return redirect(url_for("staff.show", person_id=person_id), code=303)


@bp.get("/<int:person_id>/bien-ban.pdf")
def minutes_pdf(person_id: int) -> ResponseReturnValue:
    """The minutes of the hand-over to be signed. 404 before there are any."""
    by, now = actor(), services().clock()
    try:
        octets = services().store.db.read(lambda conn: handover_paper.pdf(conn, by, now, person_id))
    except (NoSuchDeparture, NoSuchPrincipal):
        abort(404)
    return downloads.download(octets, f"bien-ban-ban-giao-{person_id}.pdf", "application/pdf")


def _members() -> list[Member]:
    by, now = actor(), services().clock()

    def read(conn: Connection) -> list[Member]:
        return staff.members(conn, by, now)

    return services().store.db.read(read)


def _offer(form: DepartureForm, person_id: int) -> list[Member]:
    found = _members()
    form.cause.choices = list(CAUSES.items())
    others = [one.who for one in found if one.who.id != person_id and one.may_take_over]
    others.sort(key=lambda one: by_given_name(one.name))
    form.successor.choices = [(0, _("Văn phòng giữ")), *((one.id, f"{one.name} <{one.address}>") for one in others)]
    return found


def _show(person_id: int, form: DepartureForm) -> str:
    member = next((one for one in _offer(form, person_id) if one.who.id == person_id), None)
    if member is None:
        abort(404)
    by, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[list[Principal], Suspension | None, int]:
        keys = staff_accounts.passkeys_of(conn, by, now, person_id)
        return suspension.orderers(conn, by, now), suspension.of_person(conn, member.who), keys

    leaders, suspended, keys = services().store.db.read(read)
    leaders = [one for one in leaders if one.id != person_id]
    shown = {"leaders": leaders, "suspended": suspended, "passkeys": keys}
    return render_template("staff/show.html", member=member, form=form, CAUSES=CAUSES, **shown)
