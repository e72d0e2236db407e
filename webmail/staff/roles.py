"""The rights of each role, who has it, and what was changed of late."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from routing import staff_roles, two_steps
from routing.staff_roles import Line, Matrix
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.notes import say
from webmail.services import services
from webmail.staff import words
from webmail.staff.views import bp


@bp.get("/vai-tro")
def roles() -> str:
    """404 for who is no administrator."""
    by, now = actor(), services().clock()

    def read(conn: Connection) -> tuple[Matrix, list[Line], frozenset[str]]:
        required = two_steps.required_of(conn, current_user().agency_id)
        return staff_roles.matrix(conn, by, now), staff_roles.log(conn, by, now), required

    found, lines, required = services().store.db.read(read)
    return render_template("staff/roles.html", matrix=found, lines=lines, required=required, words=words)


@bp.post("/hai-buoc")
def require_second() -> ResponseReturnValue:
    """Form: role, any number: whose people must sign in by two steps. 303; 404; 422: no such role."""
    chosen, now = request.form.getlist("role"), services().clock()
    try:
        services().store.db.write(lambda tx: two_steps.require_tx(tx, chosen, now), actor())
    except ValueError:
        abort(422)
    say(_("Đã lưu, có hiệu lực ngay."))
    return redirect(url_for("staff.roles"), code=303)
