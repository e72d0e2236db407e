"""Distribution lists: those of the agency, one of them, and what owners and administrators do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import UnprocessableEntity

from mailserver.directory.errors import AddressInvalid, AddressTaken, MembershipCycle, NoSuchPrincipal
from mailserver.directory.mailing_changes import OutsideNotTaken, Wanted
from mailserver.directory.mailing_import import Row
from mailserver.directory.mailing_lists import Reach, Role
from mailserver.store.database import Tx
from routing import mailing_lists as service
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.identifiers import identifier
from webmail.lists import words
from webmail.lists.forms import ListForm, MembersForm, as_data
from webmail.notes import Undo, say
from webmail.services import services

bp = Blueprint("lists", __name__, url_prefix="/danh-sach-thu")
# Members that one undo puts back; more are many forms' worth of hidden fields.
MOST_UNDO = 200


@bp.get("/")
def index() -> str:
    """The lists of the agency, and who may write to them."""
    by, now = actor(), services().clock()
    lines, administers = services().store.db.read(lambda conn: service.overview(conn, by, now))
    return render_template("lists/index.html", lines=lines, administers=administers, words=words)


@bp.get("/moi")
def new() -> str:
    """The form of a new list. 404 for who is no administrator."""
    _require_administrator()
    return _new(ListForm(formdata=None).offer())


@bp.post("/moi")
def create() -> ResponseReturnValue:
    """Form: ListForm. 303 to the new list; 404; 422 and the form if it cannot be."""
    _require_administrator()
    form = ListForm().offer()
    local = (form.local_part.data or "").strip()
    if not form.validate_on_submit() or not local:
        if not local:
            form.local_part.errors = [_("Hãy nhập phần trước dấu @.")]
        return _new(form), 422
    title, wanted = form.title.data.strip(), form.wanted()
    try:
        made = _write(lambda tx: service.create_tx(tx, title, local, wanted))
    except (AddressTaken, AddressInvalid) as fault:
        taken = isinstance(fault, AddressTaken)
        form.local_part.errors = [
            _("Địa chỉ này đã có, hoặc từng có, người dùng.") if taken else _("Không dùng được trong địa chỉ thư.")
        ]
        return _new(form), 422
    say(_("Đã lập danh sách “%(title)s”. Hãy thêm thành viên và người phụ trách.", title=title))
    return redirect(url_for("lists.show", list_id=made), code=303)


@bp.get("/<int:list_id>")
def show(list_id: int) -> str:
    """One list. 404 for one of another agency."""
    return _page(list_id)


@bp.post("/<int:list_id>/cach-nhan")
def change(list_id: int) -> ResponseReturnValue:
    """Form: ListForm. 303; 404; 422 and the page with what is missing."""
    form = ListForm().offer()
    if not form.validate_on_submit():
        return _page(list_id, form), 422
    title, wanted = form.title.data.strip(), form.wanted()
    changed = _write(lambda tx: service.change_tx(tx, list_id, title, wanted))
    say(_("Đã lưu.") if changed else _("Không có gì thay đổi."))
    return _back(list_id)


@bp.post("/<int:list_id>/them")
def add(list_id: int) -> ResponseReturnValue:
    """Form: text; do: "preview" or "add". The page that shows what becomes of each line, or 303. 404, 422."""
    form = MembersForm()
    if not form.validate_on_submit():
        return _page(list_id, members=form), 422
    text, by, now = form.text.data, actor(), services().clock()
    rows = services().store.db.read(lambda conn: service.preview(conn, by, now, list_id, text))
    if request.form.get("do") != "add":
        return _preview(list_id, form, rows)
    added = _write(lambda tx: service.add_tx(tx, list_id, rows))
    undo = _undo(list_id, "remove", added)
    say(_("Đã thêm %(n)s thành viên.", n=len(added)), undo)
    return _back(list_id)


@bp.post("/<int:list_id>/thanh-vien")
def members(list_id: int) -> ResponseReturnValue:
    """Form: do, "remove" or "restore"; member, any number of times, as `_written` has it. 303, and the way back."""
    back = request.form.get("do") == "restore"
    wanted = [_read(one) for one in request.form.getlist("member")[:MOST_UNDO]]
    try:
        count = _write(lambda tx: service.put_tx(tx, list_id, wanted, back=back))
    except (NoSuchPrincipal, MembershipCycle, OutsideNotTaken, AddressInvalid):
        say(_("Không làm lại được: danh sách đã thay đổi."), error=True)
        return _back(list_id)
    said = _("Đã đưa lại %(n)s thành viên.", n=count) if back else _("Đã bỏ %(n)s thành viên.", n=count)
    say(said, _undo(list_id, "remove" if back else "restore", wanted) if count else None)
    return _back(list_id)


@bp.post("/<int:list_id>/vai-tro")
def roles(list_id: int) -> ResponseReturnValue:
    """Form: role ("owner", "poster"), address, do ("give", "take"). 303, and the way back; 404."""
    what, address = request.form.get("do"), request.form.get("address", "").strip()
    role = next((one for one in Role if one.value == request.form.get("role")), None)
    if role is None or what not in ("give", "take"):
        raise UnprocessableEntity
    try:
        changed = _write(lambda tx: service.role_tx(tx, list_id, address, role, remove=what == "take"))
    except NoSuchPrincipal:
        say(_("Cơ quan không có địa chỉ này."), error=True)
        return _back(list_id)
    fields = (("do", "take" if what == "give" else "give"), ("role", role.value), ("address", address))
    undo = Undo(url_for("lists.roles", list_id=list_id), fields) if changed else None
    say(_("Đã lưu.") if changed else _("Không có gì thay đổi."), undo)
    return _back(list_id)


@bp.post("/<int:list_id>/ngung")
def close(list_id: int) -> ResponseReturnValue:
    """Form: do, "close" or "reopen". 303, and the way back; 404 for who is no administrator."""
    back = request.form.get("do") == "reopen"
    _write(lambda tx: service.close_tx(tx, list_id, back=back))
    undo = Undo(url_for("lists.close", list_id=list_id), (("do", "close" if back else "reopen"),))
    say(_("Danh sách lại nhận thư.") if back else _("Danh sách ngừng nhận thư; thành viên được giữ."), undo)
    return _back(list_id)


@bp.post("/<int:list_id>/roi")
def leave(list_id: int) -> ResponseReturnValue:
    """Form: do, "leave" or "return". 303, and the way back; 404 where the list does not let its members go."""
    back = request.form.get("do") == "return"
    _write(lambda tx: service.leave_tx(tx, list_id, back=back))
    undo = Undo(url_for("lists.leave", list_id=list_id), (("do", "leave" if back else "return"),))
    say(_("Bạn lại nhận thư của danh sách này.") if back else _("Bạn đã rời danh sách này."), undo)
    return _back(list_id)


def _write(work: Callable[[Tx], Any]) -> Any:
    return services().store.db.write(work, actor())


def _require_administrator() -> None:
    by, now = actor(), services().clock()
    if not services().store.db.read(lambda conn: service.administers(conn, by, now)):
        abort(404)


def _new(form: ListForm) -> str:
    return render_template("lists/new.html", form=form)


def _page(list_id: int, form: ListForm | None = None, members: MembersForm | None = None) -> str:
    page = _looked(list_id)
    held = page.line
    form = form or ListForm(formdata=None, data=as_data(held.who.name, held.settings)).offer()
    members = members or MembersForm(formdata=None)
    facts = {"form": form, "members": members, "words": words, "written": _written}
    return render_template("lists/show.html", page=page, **facts)


def _looked(list_id: int) -> service.Page:
    by, now = actor(), services().clock()

    def read(conn: Connection) -> service.Page:
        return service.look(conn, by, now, list_id)

    return services().store.db.read(read)


def _preview(list_id: int, form: MembersForm, rows: list[Row]) -> str:
    count = sum(row.outcome.does for row in rows)
    page = _looked(list_id)
    return render_template("lists/preview.html", page=page, form=form, rows=rows, count=count, words=words)


def _back(list_id: int) -> ResponseReturnValue:
    return redirect(url_for("lists.show", list_id=list_id), code=303)


def _undo(list_id: int, what: str, wanted: list[Wanted]) -> Undo | None:
    if not 0 < len(wanted) <= MOST_UNDO:
        return None
    fields = (("do", what), *(("member", _written(one.member_id, one.reach, one.outsider)) for one in wanted))
    return Undo(url_for("lists.members", list_id=list_id), fields)


def _written(member_id: int | None, reach: Reach, outsider: str = "") -> str:
    """A member as a form's value."""
    return outsider if member_id is None else f"{member_id}:{reach.value}"


def _read(text: str) -> Wanted:
    """What `_written` gave. Raises UnprocessableEntity."""
    if "@" in text:
        return Wanted(outsider=text)
    number, _colon, reach = text.partition(":")
    try:
        return Wanted(identifier(number), Reach(reach))
    except ValueError:
        raise UnprocessableEntity from None
