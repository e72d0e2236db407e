"""One account: made, changed, locked, opened again; each time with who approved it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from wtforms.fields.choices import SelectChoice

from mailserver.directory import posts
from mailserver.directory.changing import Facts
from mailserver.directory.errors import (
    AddressInvalid,
    AddressTaken,
    NameUnusable,
    NoSuchPrincipal,
    NoSuchRequest,
    StaffCodeTaken,
)
from mailserver.directory.records import Principal
from routing import staff_accounts, staff_requests, suspension
from routing.profile import profile_of
from routing.staff import require_administrator
from routing.staff_accounts import AccountKind, Preview, Wanted
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.notes import Undo, say
from webmail.services import services
from webmail.staff import words
from webmail.staff.forms import AddForm, EditForm, ReasonForm
from webmail.staff.views import bp

T = TypeVar("T")


@bp.get("/them")
def new_account() -> str:
    """The form of a new account. 404 for who is no administrator."""
    return _new(_offered(AddForm(formdata=None)))


@bp.post("/them")
def add_account() -> ResponseReturnValue:
    """Form: AddForm, do. "preview": the form with the name by the rule. Else the account is made: 201, with the
    first password of a person, shown this once. 422 and the form if it cannot be."""
    form = _offered(AddForm())
    if request.form.get("do") == "preview":
        form.approval.errors = []
        return _previewed(form)
    if not form.validate_on_submit():
        return _new(form), 422
    now, wanted = services().clock(), _wanted(form)
    try:
        who, plain = staff_accounts.add(services().store, actor(), now, wanted)
    except (AddressTaken, AddressInvalid, NameUnusable, StaffCodeTaken, NoSuchPrincipal) as fault:
        _complain(form, fault)
        return _new(form), 422
    return render_template("staff/account_made.html", who=who, plain=plain), 201


@bp.get("/<int:person_id>/sua")
def edit_account(person_id: int) -> str:
    """What the directory says of a person. de_nghi: the wish that is to be fulfilled. 404."""
    who, known = _facts(person_id)
    form = _with_choices(EditForm(formdata=None, data=_as_data(known)), known)
    return _edit(who, form, request.args.get("de_nghi", 0, type=int))


@bp.post("/<int:person_id>/sua")
def change_account(person_id: int) -> ResponseReturnValue:
    """Form: EditForm, request_id. 303 to the person; 404; 422 and the form if invalid."""
    who, known = _facts(person_id)
    form, request_id = _with_choices(EditForm(), known), request.form.get("request_id", 0, type=int)
    if not form.validate_on_submit():
        return _edit(who, form, request_id), 422
    now, approval = services().clock(), form.approval.data.strip()
    try:
        if request_id:
            _asked, changes = staff_requests.fulfil(
                services().store, actor(), now, request_id, _new_facts(form), approval, person_id
            )
        else:
            changes = staff_accounts.change(services().store.db, actor(), now, person_id, _new_facts(form), approval)
    except StaffCodeTaken as fault:
        _complain(form, fault)
        return _edit(who, form, request_id), 422
    except NoSuchRequest:
        abort(404)
    say("; ".join(words.change(one) for one in changes) if changes else _("Không có gì thay đổi."))
    return redirect(url_for("staff.show", person_id=person_id), code=303)


@bp.post("/<int:person_id>/khoa")
def lock_account(person_id: int) -> ResponseReturnValue:
    """Form: reason; ordered_by: a leader's number, 0: nobody's order. 303, and the way back; 404; 422."""
    ordered_by = request.form.get("ordered_by", 0, type=int)

    def work(reason: str) -> Principal:
        store, by, now = services().store, actor(), services().clock()
        if ordered_by:
            return suspension.suspend(store, by, now, person_id, ordered_by, reason)
        return staff_accounts.lock(store, by, now, person_id, reason)

    who = _with_reason(person_id, work)
    back = Undo(url_for("staff.unlock_account", person_id=person_id), (("reason", _("Khóa nhầm")),))
    if ordered_by:
        say(_("Đã tạm đình chỉ tài khoản của %(name)s; người ra lệnh đã được báo, thư vẫn tới.", name=who.name), back)
    else:
        say(_("Đã khóa tài khoản của %(name)s; thư vẫn tới.", name=who.name), back)
    return redirect(url_for("staff.show", person_id=person_id), code=303)


@bp.post("/<int:person_id>/mo-khoa")
def unlock_account(person_id: int) -> ResponseReturnValue:
    """Form: reason. 303; 404; 422 without a reason."""

    def work(reason: str) -> Principal:
        return suspension.lift(services().store, actor(), services().clock(), person_id, reason)

    who = _with_reason(person_id, work)
    say(_("Đã mở khóa tài khoản của %(name)s.", name=who.name))
    return redirect(url_for("staff.show", person_id=person_id), code=303)


@bp.post("/<int:person_id>/go-khoa-truy-cap")
def remove_passkeys(person_id: int) -> ResponseReturnValue:
    """Form: reason. 303; 404; 422 without a reason."""

    def work(reason: str) -> int:
        return staff_accounts.remove_passkeys(services().store, actor(), services().clock(), person_id, reason)

    gone = _with_reason(person_id, work)
    say(_("Đã gỡ %(count)s khóa truy cập và báo cho người ấy.", count=gone))
    return redirect(url_for("staff.show", person_id=person_id), code=303)


def _with_reason(person_id: int, work: Callable[[str], T]) -> T:
    form, now = ReasonForm(), services().clock()
    if not form.validate_on_submit():
        services().store.db.read(lambda conn: staff_accounts.require_own(conn, actor(), person_id, now))
        abort(422)
    try:
        return work(form.reason.data.strip())
    except NoSuchPrincipal:
        abort(404)


def _facts(person_id: int) -> tuple[Principal, Facts]:
    by, now = actor(), services().clock()
    try:
        return services().store.db.read(lambda conn: staff_accounts.facts(conn, by, now, person_id))
    except NoSuchPrincipal:
        abort(404)


def _offered(form: AddForm) -> AddForm:
    """The form with what may be chosen. Raises Forbidden."""
    units, roles = _choices()
    form.kind.choices = [SelectChoice(*one) for one in words.kinds().items()]
    form.unit_id.choices = [SelectChoice(0, _("— không —")), *units]
    form.role.choices = [SelectChoice("", _("— không —")), *roles]
    return form


def _with_choices(form: EditForm, known: Facts) -> EditForm:
    units, roles = _choices()
    form.unit_id.choices = [SelectChoice(0, _("— không —")), *units]
    others = [SelectChoice(code, words.role(code)) for code in known.roles if code not in {one.value for one in roles}]
    form.roles.choices = [*roles, *others]
    return form


def _choices() -> tuple[list[SelectChoice], list[SelectChoice]]:
    """The agency's units, and the roles of its regulation. Raises Forbidden."""
    by, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[list[SelectChoice], list[SelectChoice]]:
        agency_id = require_administrator(conn, by, now)
        units = [SelectChoice(one.id, one.principal.name) for one in posts.units(conn, agency_id)]
        return units, [SelectChoice(code, words.role(code)) for code in profile_of(conn, agency_id).roles]

    return services().store.db.read(read)


def _wanted(form: AddForm) -> Wanted:
    text = {name: (form[name].data or "").strip() for name in ("family", "middle", "given", "name", "code")}
    more = {name: (form[name].data or "").strip() for name in ("staff_code", "role", "local_part", "approval")}
    kind, unit_id = AccountKind(form.kind.data), form.unit_id.data or None
    return Wanted(kind=kind, unit_id=unit_id, birth_date=form.birth_date.data, **text, **more)


def _previewed(form: AddForm) -> ResponseReturnValue:
    """The form with the name, or with what is missing for it."""
    valid = form.validate_on_submit()
    wrong = {name: errors for name, errors in form.errors.items() if name != "approval"}
    form.approval.errors = ()
    if not valid and wrong:
        return _new(form), 422
    by, now, wanted = actor(), services().clock(), _wanted(form)
    try:
        seen = services().store.db.read(lambda conn: staff_accounts.preview(conn, by, now, wanted))
    except (NameUnusable, NoSuchPrincipal) as fault:
        _complain(form, fault)
        return _new(form), 422
    return _new(form, seen)


def _complain(form: AddForm | EditForm, fault: Exception) -> None:
    """Say beside its field why the account cannot be made so."""
    name, text = {
        AddressTaken: ("local_part", _("Địa chỉ này đã có, hoặc từng có, người dùng.")),
        AddressInvalid: ("local_part", _("Tên tài khoản này không dùng được trong địa chỉ thư.")),
        NameUnusable: ("local_part", _("Quy chế không cho ra tên tài khoản: hãy tự đặt.")),
        StaffCodeTaken: ("staff_code", _("Mã cán bộ này đã có tài khoản: mỗi người một tài khoản.")),
    }.get(type(fault), ("unit_id", _("Không có đơn vị này.")))
    form[name].errors = [text]


def _as_data(known: Facts) -> dict[str, object]:
    names = {"family": known.family, "middle": known.middle, "given": known.given}
    rest = {"staff_code": known.staff_code or "", "birth_date": known.birth_date}
    return {**names, **rest, "unit_id": known.unit_id or 0, "roles": list(known.roles)}


def _new_facts(form: EditForm) -> Facts:
    family, middle, given = ((form[name].data or "").strip() for name in ("family", "middle", "given"))
    code = (form.staff_code.data or "").strip() or None
    return Facts(
        family,
        middle,
        given,
        code,
        form.birth_date.data,
        form.unit_id.data or None,
        tuple(sorted(form.roles.data or ())),
    )


def _new(form: AddForm, seen: Preview | None = None) -> str:
    return render_template("staff/account_new.html", form=form, seen=seen)


def _edit(who: Principal, form: EditForm, request_id: int) -> str:
    by, now = actor(), services().clock()
    waiting = services().store.db.read(lambda conn: staff_requests.waiting(conn, by, now))
    wish = next((one for one in waiting if one.id == request_id and one.who.id == who.id), None)
    return render_template("staff/account_edit.html", who=who, form=form, wish=wish)
