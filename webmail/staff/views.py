"""Accounts, as administrators see them: who waits for a new password."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailserver.directory.errors import NoSuchRequest
from mailserver.directory.records import Principal
from routing import staff
from webmail.auth.current import actor
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services

bp = Blueprint("staff", __name__, url_prefix="/nhan-su")


@bp.get("/cap-lai-mat-khau")
def resets() -> str:
    """The queue, emergencies first. 404 for who is no administrator."""
    return _resets()


@bp.post("/cap-lai-mat-khau/<int:request_id>")
def give(request_id: int) -> ResponseReturnValue:
    """Make a one-time password, shown on this answer and never again. 404 if it was answered already."""
    try:
        who, plain = staff.give_password(services().store, request_id, actor(), services().clock())
    except NoSuchRequest:
        abort(404)
    return _resets(who, plain), 201


@bp.post("/cap-lai-mat-khau/<int:request_id>/tat-hai-buoc")
def switch_off_second(request_id: int) -> ResponseReturnValue:
    """Switch off the second factor of who lost the phone. 303; 404 if it was answered already."""
    try:
        who = staff.switch_off_second(services().store, request_id, actor(), services().clock())
    except NoSuchRequest:
        abort(404)
    say(_("Đã tắt xác thực hai bước của %(name)s và báo cho người ấy.", name=who.name))
    return redirect(url_for("staff.resets"), code=303)


@bp.post("/cap-lai-mat-khau/<int:request_id>/bo")
def refuse(request_id: int) -> ResponseReturnValue:
    """Take a request off the list; 404 if it was answered already."""
    now = services().clock()
    try:
        who = services().store.db.write(lambda tx: staff.refuse_password_tx(tx, request_id, now), actor())
    except NoSuchRequest:
        abort(404)
    say(_("Đã bỏ yêu cầu của %(name)s.", name=who.name))
    return redirect(url_for("staff.resets"), code=303)


def _resets(who: Principal | None = None, plain: str = "") -> str:
    now, by = services().clock(), actor()
    waiting = services().store.db.read(lambda conn: staff.waiting_resets(conn, by, now))
    return render_template("staff/resets.html", waiting=waiting, who=who, plain=plain)
