"""Bringing in a list of staff: a file, what would become of each row, then the rows a few at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import FileField, StringField
from wtforms.validators import DataRequired, Length

from mailserver.directory.errors import NoSuchList
from mailserver.directory.importing import Imported, Outcome
from mailserver.directory.lists import StaffList
from mailserver.directory.people_files import TOO_LARGE, Unreadable
from routing.staff_lists import MOST_OCTETS, MOST_ROWS, StaffLists
from webmail.auth.current import actor
from webmail.downloads import download
from webmail.i18n import _, _l, choose
from webmail.services import services
from webmail.staff import words
from webmail.staff.views import bp

# A cell that a spreadsheet would take for a formula is written as text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ListForm(FlaskForm):
    file = FileField(_l("Tệp danh sách"))
    approval = StringField(
        _l("Người duyệt, văn bản duyệt"),
        [DataRequired(_l("Hãy ghi ai đã duyệt việc tạo tài khoản.")), Length(max=200, message=_l("Quá dài."))],
    )


@bp.get("/nhap")
def choose_list() -> str:
    """The page that takes a file. 404 for who is no administrator."""
    _lists().require()
    return _choose(ListForm(formdata=None))


@bp.post("/nhap")
def put_list() -> ResponseReturnValue:
    """Form: file (.csv or .xlsx), approval. 303 to the preview; 422 and why if the file is no list."""
    lists, form = _lists(), ListForm()
    lists.require()
    octets = request.files["file"].read(MOST_OCTETS + 1) if "file" in request.files else b""
    if not form.validate_on_submit():
        return _choose(form), 422
    if not octets:
        form.file.errors = [_("Hãy chọn một tệp .csv hoặc .xlsx.")]
        return _choose(form), 422
    try:
        if len(octets) > MOST_OCTETS:
            raise Unreadable(TOO_LARGE)
        name = request.files["file"].filename or ""
        made = lists.put(octets, name, form.approval.data.strip())
    except Unreadable as fault:
        form.file.errors = [fault.sentence.in_(choose())]
        return _choose(form), 422
    return redirect(url_for("staff.show_list", list_id=made), code=303)


@bp.get("/nhap/<int:list_id>")
def show_list(list_id: int) -> str:
    """What would become of each row, or what has. 404."""
    lists, found = _found(list_id)
    if not found.done:
        return render_template("staff/list_preview.html", found=found, rows=lists.tried(found), words=words)
    done, waiting = lists.results(found)
    return render_template("staff/list_result.html", found=found, rows=done, waiting=waiting, words=words)


@bp.post("/nhap/<int:list_id>/chay")
def run_list(list_id: int) -> ResponseReturnValue:
    """Do the next rows. With scripts the part of the page that goes on by itself, else 303. 404, 409: forgotten."""
    lists, found = _found(list_id)
    if not found.is_done and not found.rows:
        abort(409)
    lists.go_on(found)
    if "HX-Request" not in request.headers:
        return redirect(url_for("staff.show_list", list_id=list_id), code=303)
    _unused, now = _found(list_id)
    if now.is_done:
        return Response(headers={"HX-Redirect": url_for("staff.show_list", list_id=list_id)})
    return render_template("staff/_list_progress.html", found=now)


@bp.post("/nhap/<int:list_id>/mat-khau")
def hand_out(list_id: int) -> ResponseReturnValue:
    """First passwords, this once. Form: do, "show" (201, a page) or "download" (CSV). 404; 409 afterwards."""
    lists, found = _found(list_id)
    wanted = request.form.get("do", "show")
    handed = lists.hand_out(found)
    if not handed:
        abort(409)
    if wanted == "download":
        return download(_as_csv(handed), f"mat-khau-lan-dau-{list_id}.csv", "text/csv")
    return render_template("staff/list_passwords.html", found=found, rows=handed), 201


@bp.get("/nhap/mau.csv")
def sample_list() -> ResponseReturnValue:
    """An empty list with its headings, for a spreadsheet."""
    _lists().require()
    headings = ("Mã cán bộ", "Họ và tên", "Ngày sinh", "Đơn vị", "Chức vụ", "Tài khoản")
    return download(_csv([headings]), "danh-sach-nhan-su.csv", "text/csv")


def _lists() -> StaffLists:
    own = services()
    return StaffLists(own.store.db, own.vault, actor(), own.clock())


def _found(list_id: int) -> tuple[StaffLists, StaffList]:
    lists = _lists()
    try:
        return lists, lists.get(list_id)
    except NoSuchList:
        abort(404)


def _choose(form: ListForm) -> str:
    return render_template("staff/list_choose.html", form=form, most=MOST_ROWS, Outcome=Outcome)


def _as_csv(handed: Sequence[Imported]) -> bytes:
    headings = (_("Họ và tên"), _("Địa chỉ thư"), _("Mật khẩu lần đầu"))
    return _csv([headings, *((one.name, one.address, one.password) for one in handed)])


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    """With a mark by which spreadsheets know that it is UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(["'" + cell if cell.startswith(_FORMULA) else cell for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")
